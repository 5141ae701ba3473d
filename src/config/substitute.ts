import { formatPath, type Path, type Problem } from '../shape/path.js';

export interface Substituted {
  readonly value: unknown;
  readonly problems: readonly Problem[];
  /** Paths whose text came from a variable: there, digits may be a number. */
  readonly paths: ReadonlySet<string>;
}

type Env = Readonly<Record<string, string | undefined>>;

/**
 * Replaces `${NAME}` in every text of the document by the environment variable; `$${` is a literal `${`. Working on
 * the parsed document, not on the file, keeps a value from becoming YAML of its own.
 */
export function substitute(document: unknown, env: Env): Substituted {
  const problems: Problem[] = [];
  const paths = new Set<string>();
  const visit = (value: unknown, path: Path): unknown => {
    if (Array.isArray(value)) return value.map((item, i) => visit(item, [...path, i]));
    if (typeof value === 'object' && value !== null) {
      return Object.fromEntries(Object.entries(value).map(([k, v]) => [k, visit(v, [...path, k])]));
    }
    if (typeof value !== 'string' || !value.includes('${')) return value;
    paths.add(formatPath(path));
    return expand(value, env, (message) => problems.push({ path, message }));
  };
  return { value: visit(document, []), problems, paths };
}

/** One pass from left to right; what a variable holds is never expanded again. */
function expand(text: string, env: Env, report: (message: string) => void): string {
  let out = '';
  let at = 0;
  for (let open = text.indexOf('${'); open !== -1; open = text.indexOf('${', at)) {
    if (open > at && text[open - 1] === '$') {
      out += `${text.slice(at, open - 1)}\${`;
      at = open + 2;
      continue;
    }
    const close = text.indexOf('}', open);
    const name = close === -1 ? '' : text.slice(open + 2, close);
    if (!/^[A-Za-z_][A-Za-z0-9_]{0,127}$/.test(name)) {
      report('has a ${ without a variable name; write ${NAME}, or $${ for the two characters themselves');
      return text;
    }
    const value = env[name];
    if (value === undefined) report(`environment variable ${name} is not set`);
    out += text.slice(at, open) + (value ?? '');
    at = close + 1;
  }
  return out + text.slice(at);
}
