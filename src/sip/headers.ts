import { hasControl, isUnicode } from './character-set.js';
import { isReservedHeader } from './reserved-headers.js';

/** A header name that may stand on the wire, case kept. */
export type HeaderName = string & { readonly __brand: 'HeaderName' };
/** A header value that cannot end its line. */
export type HeaderValue = string & { readonly __brand: 'HeaderValue' };
/** A header of a user's own, past every check. */
export type CustomHeader = readonly [name: HeaderName, value: HeaderValue];

export const MAX_HEADERS = 32;
export const MAX_HEADER_BYTES = 1024;

export interface HeaderProblem {
  /** Name of the header; `''` when the list as a whole is wrong. */
  readonly name: string;
  readonly message: string;
}

export type CustomHeaders =
  | { readonly ok: true; readonly headers: readonly CustomHeader[] }
  | { readonly ok: false; readonly problems: readonly HeaderProblem[] };

/** A token without the backtick (security list S-3). One class, one bounded repeat: linear. */
const NAME = /^[A-Za-z0-9!%*_+'.~-]{1,64}$/;

export const parseHeaderName = (text: string): HeaderName | undefined =>
  text.length <= 64 && NAME.test(text) ? (text as HeaderName) : undefined;

export function parseHeaderValue(text: string): HeaderValue | undefined {
  // A UTF-16 unit is at least one byte, so an overlong text is refused before it is measured.
  if (text.length > MAX_HEADER_BYTES || !isUnicode(text) || hasControl(text)) return undefined;
  return utf8Length(text) > MAX_HEADER_BYTES ? undefined : (text as HeaderValue);
}

/** Checks a user's headers (S-3): every mistake is reported, so that one answer names them all. */
export function parseCustomHeaders(entries: readonly (readonly [string, string])[]): CustomHeaders {
  if (entries.length > MAX_HEADERS) {
    const message = `${entries.length} headers; at most ${MAX_HEADERS} are allowed`;
    return { ok: false, problems: [{ name: '', message }] };
  }
  const seen = new Set<string>();
  const headers: CustomHeader[] = [];
  const problems: HeaderProblem[] = [];
  for (const [rawName, rawValue] of entries) {
    const name = parseHeaderName(rawName);
    const value = parseHeaderValue(rawValue);
    const message = problemOf(name, value, seen);
    if (message !== undefined) problems.push({ name: printable(rawName), message });
    if (name === undefined) continue;
    seen.add(name.toLowerCase());
    if (value !== undefined) headers.push([name, value]);
  }
  return problems.length === 0 ? { ok: true, headers } : { ok: false, problems };
}

function problemOf(
  name: HeaderName | undefined,
  value: HeaderValue | undefined,
  seen: ReadonlySet<string>,
): string | undefined {
  if (name === undefined) return "is not a header name: 1 to 64 letters, digits or !%*_+'.~-";
  if (isReservedHeader(name)) return 'is reserved: the engine writes this header itself';
  if (seen.has(name.toLowerCase())) return 'is given twice (header names have no case)';
  if (value === undefined)
    return `has a value with control characters, or longer than ${MAX_HEADER_BYTES} bytes`;
  return undefined;
}

/** A refused name goes back to the user and into logs: not its line ends, and not all of it. */
function printable(name: string): string {
  const short = name.length > 64 ? `${name.slice(0, 64)}...` : name;
  let shown = '';
  for (const char of short) shown += hasControl(char) || char === '\t' ? '?' : char;
  return shown;
}

function utf8Length(text: string): number {
  let bytes = 0;
  for (const char of text) {
    const code = char.codePointAt(0) ?? 0;
    bytes += code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
  }
  return bytes;
}
