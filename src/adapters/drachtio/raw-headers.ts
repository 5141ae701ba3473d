import type { HeaderLine } from '../../domain/plan.js';

/** RFC 3261 7.3.3 and the registry of later ones; srf leaves some of these as they are (pitfall 10). */
const COMPACT: Readonly<Record<string, string>> = {
  a: 'accept-contact',
  b: 'referred-by',
  c: 'content-type',
  d: 'request-disposition',
  e: 'content-encoding',
  f: 'from',
  i: 'call-id',
  j: 'reject-contact',
  k: 'supported',
  l: 'content-length',
  m: 'contact',
  o: 'event',
  r: 'refer-to',
  s: 'subject',
  t: 'to',
  u: 'allow-events',
  v: 'via',
  x: 'session-expires',
};

/** Header lines of a raw message in order, names as received, folded lines joined (RFC 3261 7.3.1). One pass. */
export function rawHeaders(raw: string): HeaderLine[] {
  const lines: [string, string][] = [];
  let at = raw.indexOf('\r\n') + 2;
  while (at > 1 && at < raw.length) {
    const found = raw.indexOf('\r\n', at);
    const end = found < 0 ? raw.length : found;
    if (end === at) break;
    const first = raw.charCodeAt(at);
    const last = lines.at(-1);
    if ((first === 0x20 || first === 0x09) && last !== undefined) {
      last[1] += ` ${raw.slice(at, end).trim()}`;
    } else {
      const colon = raw.indexOf(':', at);
      if (colon > at && colon < end)
        lines.push([raw.slice(at, colon).trim(), raw.slice(colon + 1, end).trim()]);
    }
    at = end + 2;
  }
  return lines;
}

/** The values of all lines of that name, in order; `name` is lower-case and long. */
export function allHeaders(lines: readonly HeaderLine[], name: string): string[] {
  return lines.filter(([raw]) => isNamed(raw, name)).map(([, value]) => value);
}

/** The value of the first line of that name; `name` is lower-case and long. */
export function firstHeader(lines: readonly HeaderLine[], name: string): string | undefined {
  return lines.find(([raw]) => isNamed(raw, name))?.[1];
}

function isNamed(raw: string, name: string): boolean {
  const lower = raw.toLowerCase();
  return lower === name || COMPACT[lower] === name;
}

/** `X-*` lines in order. */
export function customHeaders(lines: readonly HeaderLine[]): HeaderLine[] {
  return lines.filter(([name]) => name.length > 2 && (name.startsWith('X-') || name.startsWith('x-')));
}
