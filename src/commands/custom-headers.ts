import type { HeaderLine } from '../domain/plan.js';
import type { Path, Problem } from '../shape/path.js';
import { parseCustomHeaders } from '../sip/headers.js';

/** A command's headers past the border, or what is wrong with them, each under its own path. */
export function checkHeaders(
  headers: Readonly<Record<string, string>>,
  path: Path,
): { readonly headers: readonly HeaderLine[]; readonly problems: readonly Problem[] } {
  const checked = parseCustomHeaders(Object.entries(headers));
  if (checked.ok) return { headers: checked.headers, problems: [] };
  const problems = checked.problems.map(({ name, message }) => ({
    path: name === '' && Object.keys(headers).length > 1 ? path : [...path, name],
    message,
  }));
  return { headers: [], problems };
}
