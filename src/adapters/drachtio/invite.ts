import type { UacOptions } from 'drachtio-srf';
import type { Identity } from '../../domain/plan.js';
import type { DialRequest } from '../../ports/signalling.js';
import { formatFrom } from '../../sip/from-header.js';
import { parseSipUri } from '../../sip/sip-uri.js';
import { ALLOW, SUPPORTED_AS_CALLER } from './capabilities.js';
import { fitsLine, headerProblem, sentHeaders } from './header-lines.js';
import { SDP_TYPE } from './wire.js';

/** Options of `createUAC` for an INVITE. */
export type Invite = UacOptions;

/** The INVITE of a dial, or in words why it must not be sent. */
export function buildInvite(request: DialRequest, ownHost: string): Invite | string {
  const { target, sdp } = request;
  const from = fromHeader(target.from, ownHost);
  const problem = problemOf(request, from);
  if (problem !== null) return problem;
  const invite: Invite = {
    // Key `From` exactly: a repetition replaces that one. No 100rel in Supported: the server pins a forked INVITE to
    // the first reliable To-tag and would not ACK another fork's 2xx (pitfall 16).
    headers: {
      ...(from === null ? {} : { From: from }),
      Allow: ALLOW,
      Supported: SUPPORTED_AS_CALLER,
      ...sentHeaders(target.headers),
    },
  };
  if (sdp === null) invite.noAck = true;
  else {
    invite.localSdp = sdp;
    invite.headers['Content-Type'] = SDP_TYPE;
  }
  if (target.route !== null) invite.proxy = target.route;
  return invite;
}

function problemOf(request: DialRequest, from: string | null): string | null {
  const { uri, route, headers } = request.target;
  // Strict, for it guards more than us: an INVITE to a `tel:` URI ends the process of drachtio-server 0.9.10.
  if (parseSipUri(uri) === undefined) return 'the target is no SIP URI';
  // `|` separates the tokens of a frame's first line.
  if (route !== null && (!fitsLine(route) || route.includes('|'))) return 'the route is no SIP URI';
  if (from !== null && !fitsLine(from)) return 'the identity has control characters';
  for (const line of headers) {
    const problem = headerProblem(line);
    if (problem !== null) return problem;
  }
  return null;
}

/** The server puts its address in for `user@localhost`, but not for a bare `localhost` (pitfall 12). */
const fromHeader = (identity: Identity, ownHost: string): string | null =>
  formatFrom(identity, identity.user === null ? ownHost : 'localhost');
