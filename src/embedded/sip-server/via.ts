import { COLON, COMMA, SEMI, isBlank, parseDigits } from './chars.js';
import { paramAt } from './name-addr.js';

/** The topmost Via entry of a message (RFC 3261 20.42, RFC 3581). */
export interface Via {
  readonly host: string;
  /** -1 when sent-by names no port. */
  readonly port: number;
  readonly branch: string;
  /** undefined: no rport asked for; empty: asked for; otherwise the value already there. */
  readonly rport: string | undefined;
  /** Length of the first entry inside the header value: where parameters may be added. */
  readonly length: number;
}

function firstEntryEnd(value: string): number {
  const comma = value.indexOf(',');
  return comma < 0 ? value.length : comma;
}

/** Start of sent-by: behind `SIP / 2.0 / UDP` and the blanks that follow it; -1 when there is none. */
function sentByStart(value: string, end: number): number {
  let slashes = 0;
  let i = 0;
  for (; i < end && slashes < 2; i++) if (value.charCodeAt(i) === 47) slashes++;
  if (slashes < 2) return -1;
  while (i < end && isBlank(value.charCodeAt(i))) i++;
  while (i < end && !isBlank(value.charCodeAt(i))) i++;
  while (i < end && isBlank(value.charCodeAt(i))) i++;
  return i < end ? i : -1;
}

function hostEnd(value: string, from: number, end: number): number {
  if (value.charCodeAt(from) === 91) {
    const close = value.indexOf(']', from);
    return close < 0 || close >= end ? -1 : close + 1;
  }
  let i = from;
  for (; i < end; i++) {
    const c = value.charCodeAt(i);
    if (c === COLON || c === SEMI || c === COMMA || isBlank(c)) break;
  }
  return i === from ? -1 : i;
}

/** Undefined when the value is not a Via at all. */
export function parseVia(value: string): Via | undefined {
  const length = firstEntryEnd(value);
  const from = sentByStart(value, length);
  if (from < 0) return undefined;
  const to = hostEnd(value, from, length);
  if (to < 0) return undefined;
  const semi = value.indexOf(';', to);
  const params = semi < 0 || semi > length ? length : semi;
  const rest = value.slice(to, params).trim();
  let port = -1;
  if (rest !== '') {
    port = rest.charCodeAt(0) === COLON ? parseDigits(rest.slice(1).trim()) : -2;
    if (port < 0 || port > 65535) return undefined;
  }
  const host = value.charCodeAt(from) === 91 ? value.slice(from + 1, to - 1) : value.slice(from, to);
  return {
    host,
    port,
    branch: paramAt(value, params, 'branch') ?? '',
    rport: paramAt(value, params, 'rport'),
    length,
  };
}
