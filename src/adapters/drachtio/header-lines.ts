import type { SentHeaders } from 'drachtio-srf';
import type { HeaderLine } from '../../domain/plan.js';
import { parseHeaderName } from '../../sip/headers.js';

/** The one place where text becomes lines of a SIP message: nothing of it may end a line early (header injection). */

/** What makes transaction, dialog and framing: the server writes these, and a second one would break them. */
const STRUCTURE: ReadonlySet<string> = new Set([
  ...['via', 'v', 'from', 'f', 'to', 't', 'call-id', 'i', 'cseq', 'route', 'record-route', 'rack', 'rseq'],
  ...['content-length', 'l', 'content-type', 'c'],
]);

/** CR and LF end a line; NUL ends a string in the server. */
export function fitsLine(text: string): boolean {
  return !text.includes('\r') && !text.includes('\n') && !text.includes('\0');
}

/** Why a header cannot be sent, or `null`. */
export function headerProblem([name, value]: HeaderLine): string | null {
  if (parseHeaderName(name) === undefined) return 'a header name is no token';
  if (STRUCTURE.has(name.toLowerCase())) return `header ${name} is reserved`;
  return fitsLine(value) ? null : `header ${name} has control characters`;
}

/**
 * Headers for srf, those that cannot be sent left out; a repeated name becomes one line of comma separated values
 * (RFC 3261 7.3.1). srf and the embedded server keep the case of a request's header names, the real server writes
 * `callReason` as `CallReason`; on responses srf itself makes all but `X-*` lower-case.
 */
export function sentHeaders(lines: readonly HeaderLine[]): SentHeaders {
  // A map: an object knows names such as `constructor` from the start.
  const headers = new Map<string, string>();
  for (const line of lines) {
    if (headerProblem(line) !== null) continue;
    const [name, value] = line;
    const earlier = headers.get(name);
    headers.set(name, earlier === undefined ? value : `${earlier}, ${value}`);
  }
  return Object.fromEntries(headers);
}

/** A reason phrase for a status line. */
export function reasonPhrase(text: string): string {
  return fitsLine(text) ? text : text.replace(/[\r\n\0]/g, ' ');
}
