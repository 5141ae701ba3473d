import { randomBytes } from 'node:crypto';
import { encode, hostPort, SipMessage, tagOf, uriOf, type Address, type HeaderLines } from './sip-message.js';

const token = (): string => randomBytes(6).toString('hex');

/** What a request or response carries besides the headers of its dialog. */
export interface Extra {
  readonly headers?: HeaderLines;
  readonly body?: string;
  /** Content-Type of the body. */
  readonly type?: string;
}

/** One side of a dialog (RFC 3261 12): writes requests and responses, knows tags, CSeq and target; sends nothing. */
export class Leg {
  readonly localTag = token();
  remoteTag = '';
  /** Request-URI of the next request. */
  target: string;
  /** Neither side has hung up yet. */
  isOpen = true;
  /** An INVITE of ours has no final response yet. */
  isInviting = false;
  private routes: readonly string[] = [];
  private cseq = 0;
  private sdpVersion = 0;

  private constructor(
    readonly callId: string,
    /** We placed the call. */
    readonly isCaller: boolean,
    private readonly self: Address,
    private readonly localUri: string,
    private readonly remoteUri: string,
    /** Where requests of ours go. */
    public peer: Address,
  ) {
    this.target = remoteUri;
  }

  static calling(self: Address, from: string, to: string, peer: Address): Leg {
    return new Leg(`${token()}@${self.host}`, true, self, `sip:${from}@${hostPort(self)}`, to, peer);
  }

  static called(self: Address, invite: SipMessage): Leg {
    const { callId, source } = invite;
    const leg = new Leg(callId, false, self, uriOf(invite.get('to')), uriOf(invite.get('from')), source);
    leg.remoteTag = tagOf(invite.get('from'));
    leg.routes = invite.all('record-route');
    leg.target = uriOf(invite.get('contact')) || leg.target;
    return leg;
  }

  /** Tag, target and route set of a response that makes the dialog. */
  learn(response: SipMessage): void {
    // The route set is that of the first one (RFC 3261 12.2).
    if (this.remoteTag === '') this.routes = [...response.all('record-route')].reverse();
    this.remoteTag = tagOf(response.get('to'));
    this.target = uriOf(response.get('contact')) || this.target;
  }

  request(method: string, { headers = [], body = '', type = 'application/sdp' }: Extra = {}): SipMessage {
    this.cseq += 1;
    return this.message(
      method,
      this.cseq,
      `z9hG4bK${token()}`,
      [
        ['Contact', `<sip:carrier@${hostPort(this.self)}>`],
        ...(body === '' ? [] : ([['Content-Type', type]] as const)),
        ...headers,
      ],
      body,
    );
  }

  /** INVITE or re-INVITE with an offer. */
  invite(): SipMessage {
    return this.request('INVITE', { body: this.sdp(), headers: [['Allow', ALLOW]] });
  }

  /** ACK of a final response: a transaction of its own after 2xx, else part of the INVITE's (RFC 3261 17.1.1.3). */
  ack(invite: SipMessage, response: SipMessage): Buffer {
    const branch = response.status < 300 ? `z9hG4bK${token()}` : invite.branch;
    return this.message('ACK', invite.cseq, branch, [], '', response.get('to')).raw;
  }

  /** Response to a request of this dialog. */
  response(request: SipMessage, statusLine: string, { headers = [], body = '', type }: Extra = {}): Buffer {
    const to = request.get('to');
    const copied = request.headers.filter(([name]) => name === 'via' || name === 'record-route');
    const lines: HeaderLines = [
      ...copied,
      ['From', request.get('from')],
      ['To', tagOf(to) === '' ? `${to};tag=${this.localTag}` : to],
      ['Call-ID', request.callId],
      ['CSeq', request.get('cseq')],
      ['Contact', `<sip:carrier@${hostPort(this.self)}>`],
      ...(body === '' ? [] : ([['Content-Type', type ?? 'application/sdp']] as const)),
      ...headers,
    ];
    return encode(`SIP/2.0 ${statusLine}`, lines, body);
  }

  /** One audio stream nobody listens to; a new version each time (RFC 3264 8). */
  sdp(): string {
    this.sdpVersion += 1;
    const family = this.self.host.includes(':') ? 'IP6' : 'IP4';
    return [
      'v=0',
      `o=carrier 1 ${this.sdpVersion} IN ${family} ${this.self.host}`,
      's=-',
      `c=IN ${family} ${this.self.host}`,
      't=0 0',
      'm=audio 40000 RTP/AVP 0 101',
      'a=rtpmap:101 telephone-event/8000',
      'a=sendrecv',
      '',
    ].join('\r\n');
  }

  private message(
    method: string,
    cseq: number,
    branch: string,
    headers: HeaderLines,
    body: string,
    to = `<${this.remoteUri}>${this.remoteTag === '' ? '' : `;tag=${this.remoteTag}`}`,
  ): SipMessage {
    const lines: HeaderLines = [
      ['Via', `SIP/2.0/UDP ${hostPort(this.self)};branch=${branch};rport`],
      ...this.routes.map((route) => ['Route', route] as const),
      ['Max-Forwards', '70'],
      ['From', `<${this.localUri}>;tag=${this.localTag}`],
      ['To', to],
      ['Call-ID', this.callId],
      ['CSeq', `${cseq} ${method}`],
      ...headers,
    ];
    return new SipMessage(encode(`${method} ${this.target} SIP/2.0`, lines, body), this.self);
  }
}

export const ALLOW = 'INVITE, ACK, CANCEL, BYE, REFER, NOTIFY, INFO, OPTIONS';
