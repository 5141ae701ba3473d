import { isIP } from 'node:net';
import type { Response, SentHeaders, UacOptions } from 'drachtio-srf';
import { parseHostPort } from '../../sip/host-port.js';
import { formatSipUri, parseSipUri } from '../../sip/sip-uri.js';
import type { Invite } from './invite.js';
import { rawHeaders } from './raw-headers.js';
import { withLongerInterval } from './session-interval.js';
import { OF_A_CALL, TrunkCredentials } from './trunk-credentials.js';
import type { Credentials } from './trunk-digest.js';
import { peerOf } from './wire.js';

/** What of a refusal decides whether the INVITE is sent once more. */
export type Refused = Pick<Response, 'status' | 'headers' | 'raw' | 'source_address' | 'source_port'> & {
  /** The INVITE as it stood on the wire. */
  readonly req: { readonly uri: string };
};

/**
 * An INVITE of ours, and what becomes of it when it is refused for something we can mend: a challenge (RFC 3261 22.2;
 * srf's own answer to it knows MD5 only, and writes into the headers it was given) or too short a session interval.
 */
export class Invitation {
  /** What every repetition carries on. */
  #invite: Invite;
  /** What makes it the same call once more. */
  #again: { readonly headers: SentHeaders; readonly proxy?: string } = { headers: {} };
  readonly #credentials: TrunkCredentials;

  constructor(invite: Invite, auth: Credentials | null) {
    this.#invite = invite;
    this.#credentials = new TrunkCredentials(auth, OF_A_CALL);
  }

  /** For `createUAC`, which writes into it: a new one each time. */
  get options(): UacOptions {
    const { headers, ...again } = this.#again;
    return { ...this.#invite, ...again, headers: { ...this.#invite.headers, ...headers } };
  }

  /** True when {@link options} are now those of an INVITE that mends what was wrong with this one. */
  mend(res: Refused): boolean {
    const sameCall = inTheSameCall(res);
    if (sameCall === null || !this.mended(res)) return false;
    const { uri } = res.req;
    const credentials = this.#credentials.headers({ method: 'INVITE', uri });
    const proxy = challengerOf(res, this.#invite.proxy ?? uri);
    const isChallenge = Object.keys(credentials).length > 0 && proxy !== null;
    this.#again = { headers: { ...sameCall, ...credentials }, ...(isChallenge && { proxy }) };
    return true;
  }

  private mended(res: Refused): boolean {
    const longer = withLongerInterval(res, this.#invite);
    if (longer === null) return this.#credentials.learn({ status: res.status, lines: rawHeaders(res.raw) });
    this.#invite = longer;
    // Whoever does not want its nonce a second time may say so: it is another INVITE.
    this.#credentials.begin();
    return true;
  }
}

/** RFC 3261 8.1.3.5, 22.2: same Call-ID, same From with its tag, one CSeq further. */
function inTheSameCall({ headers }: Refused): SentHeaders | null {
  const { from, 'call-id': callId } = headers;
  const cseq = parseInt(headers['cseq'] ?? '', 10);
  if (from === undefined || callId === undefined || !(cseq >= 0)) return null;
  return { From: from, 'Call-ID': callId, CSeq: `${cseq + 1} INVITE` };
}

/** A name of several addresses could lead to another server next time, which does not know the nonce. */
function challengerOf(res: Refused, hop: string): string | null {
  const uri = parseSipUri(hop);
  const challenger = parseHostPort(peerOf(res) ?? '');
  if (uri === undefined || challenger === undefined || isIP(uri.host.replace(/^\[|\]$/g, '')) !== 0)
    return null;
  return formatSipUri({ ...uri, user: null, headers: null, ...challenger });
}
