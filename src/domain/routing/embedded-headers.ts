import { parseCustomHeaders } from '../../sip/headers.js';
import { parseReferTo } from '../../sip/refer-to.js';
import type { HeaderLine } from '../plan.js';
import type { Trunk } from '../settings.js';
import { withinBudget } from './carried-headers.js';
import type { Place } from './destinations.js';
import { found, wrong, type Step } from './routed.js';

/**
 * A URI is handed on as it was written, but what it makes the far end say (RFC 3261 19.1.1 `headers`) is checked as if
 * we said it: no reserved header, no dialog to replace, no body, and the trunk's budget for it and the custom headers.
 */
export function embeddedAllowed(
  { text, uri }: Extract<Place, { kind: 'uri' }>,
  trunk: Trunk | null,
  carried: readonly HeaderLine[],
  path: string,
): Step<null> {
  if (uri.headers === null) return found(null);
  const inside = parseReferTo(`<${text}>`);
  if (inside === undefined) return wrong('invalid_field', path, 'a header inside the URI is malformed');
  if (inside.replaces !== null)
    return wrong('invalid_field', path, 'the header Replaces inside the URI is reserved');
  if (inside.headers.some(([name]) => name.toLowerCase() === 'body'))
    return wrong('invalid_field', path, 'a body inside the URI is not handed on');
  const all = [...inside.headers, ...carried];
  const checked = parseCustomHeaders(all);
  if (checked.ok) return withinBudget(trunk, all);
  const [problem] = checked.problems;
  return wrong(
    'invalid_field',
    path,
    `a header inside the URI: ${[problem?.name, problem?.message].join(' ').trim()}`,
  );
}

/** Headers put inside a URI, everything but `unreserved` escaped (RFC 3261 19.1.1; RFC 7433 4.1 for User-to-User). */
export function withHeaders(uri: string, headers: readonly HeaderLine[]): string {
  if (headers.length === 0) return uri;
  const parts = headers.map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`);
  // A `?` in the user part begins no headers.
  const begun = uri.includes('?', uri.indexOf('@') + 1);
  return `${uri}${begun ? '&' : '?'}${parts.join('&')}`;
}
