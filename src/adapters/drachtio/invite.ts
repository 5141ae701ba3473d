import type { UacOptions } from 'drachtio-srf';
import type { HeaderLine, Identity } from '../../domain/plan.js';
import type { DialRequest } from '../../ports/signalling.js';
import { parseHeaderName } from '../../sip/headers.js';
import { formatNameAddr } from '../../sip/name-addr.js';
import { ALLOW } from './capabilities.js';
import { SDP_TYPE, sentHeaders } from './wire.js';

/** Options of `createUAC` for an INVITE. */
export type Invite = UacOptions;

/** Headers that make the dialog: the server writes them, and one of a user's own would break it. */
const OURS: ReadonlySet<string> = new Set([
  ...['via', 'v', 'from', 'f', 'to', 't', 'call-id', 'i', 'cseq', 'contact', 'm', 'max-forwards'],
  ...['content-length', 'l', 'content-type', 'c', 'route', 'record-route', 'rack', 'rseq'],
]);

/** The INVITE of a dial, or in words why it must not be sent. The one place where text becomes header lines. */
export function buildInvite(request: DialRequest, ownHost: string): Invite | string {
  const { target, sdp } = request;
  const from = fromHeader(target.from, ownHost);
  const problem = problemOf(request, from);
  if (problem !== null) return problem;
  const invite: Invite = {
    // Key `From` exactly: srf's digest retry replaces that one. No `Supported: 100rel`: the server pins a forked
    // INVITE to the first reliable To-tag and would not ACK another fork's 2xx (pitfall 16).
    headers: { From: from, Allow: ALLOW, ...sentHeaders(target.headers) },
  };
  if (sdp === null) invite.noAck = true;
  else {
    invite.localSdp = sdp;
    invite.headers['Content-Type'] = SDP_TYPE;
  }
  if (target.route !== null) invite.proxy = target.route;
  if (target.auth !== null) invite.auth = target.auth;
  return invite;
}

/** Headers of a response, BYE or such: those that cannot stand on the wire are left out. */
export function sendableHeaders(headers: readonly HeaderLine[]): HeaderLine[] {
  return headers.filter((line) => headerProblem(line) === null);
}

function problemOf(request: DialRequest, from: string): string | null {
  const { uri, route, headers } = request.target;
  if (uri === '' || !fitsLine(uri) || uri.includes(' ')) return 'the target URI cannot stand on a request line';
  // `|` separates the tokens of a frame's first line.
  if (route !== null && (!fitsLine(route) || route.includes('|'))) return 'the route is no SIP URI';
  if (!fitsLine(from)) return 'the identity has control characters';
  for (const line of headers) {
    const problem = headerProblem(line);
    if (problem !== null) return problem;
  }
  return null;
}

function headerProblem([name, value]: HeaderLine): string | null {
  if (parseHeaderName(name) === undefined) return 'a header name is no token';
  if (OURS.has(name.toLowerCase())) return `header ${name} is reserved`;
  return fitsLine(value) ? null : `header ${name} has control characters`;
}

/** CR, LF and NUL would end a line early: header injection. */
export function fitsLine(text: string): boolean {
  return !text.includes('\r') && !text.includes('\n') && !text.includes('\0');
}

function fromHeader({ user, display, host }: Identity, ownHost: string): string {
  // The server writes its own address for `user@localhost`, but not for a bare `localhost` (pitfall 12).
  const uri = user === null ? `sip:${host ?? ownHost}` : `sip:${escapeUser(user)}@${host ?? 'localhost'}`;
  return formatNameAddr(display, uri);
}

const USER = /[^A-Za-z0-9\-_.!~*'()&=+$,;?/]/gu;

/** RFC 3261 25.1 `user`; what is escaped already stays. */
function escapeUser(user: string): string {
  return user.replace(USER, (char) => (char === '%' ? char : encodeURIComponent(char)));
}
