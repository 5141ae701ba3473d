import { randomBytes } from 'node:crypto';
import type { Matcher } from './mailbox.js';
import { addressOf, encode, SipMessage, tagOf, type Address, type HeaderLines } from './message.js';
import type { SipPhone } from './phone.js';
import { sdp } from './sdp.js';

export const token = (bytes = 6): string => randomBytes(bytes).toString('hex');

export interface CallOptions {
  readonly callId?: string;
  readonly localTag?: string;
  /** User part of the request URI of an outgoing call. */
  readonly to?: string;
  readonly requestUri?: string;
  readonly contact?: string;
  readonly cseq?: number;
}

export interface RequestOptions {
  readonly headers?: HeaderLines;
  readonly body?: string;
  /** Content-Type of the body; `application/sdp` when the body looks like it. */
  readonly type?: string;
  readonly uri?: string;
  readonly cseq?: number;
  readonly branch?: string;
  readonly to?: string;
  /** `false` leaves Contact out. */
  readonly contact?: string | false;
  readonly via?: string;
}

export interface ResponseOptions {
  readonly reason?: string;
  readonly headers?: HeaderLines;
  readonly body?: string;
  readonly type?: string;
  /** To-tag; `''` for none. Default: the call's own local tag. */
  readonly tag?: string;
  readonly contact?: string | false;
}

const REASONS: Readonly<Record<number, string>> = {
  180: 'Ringing',
  200: 'OK',
  202: 'Accepted',
  486: 'Busy Here',
};

/** One side of a dialog in the phone's hands: knows tags, CSeq, route set and target; sends only when told. */
export class PhoneCall {
  callId: string;
  localTag: string;
  remoteTag = '';
  cseq: number;
  /** CSeq of the last request from the other side, as far as `fresh` or `incoming` have seen it. */
  remoteCseq = -1;
  /** R-URI of the next in-dialog request. */
  target: string;
  routes: string[] = [];
  /** The last INVITE this side sent, for ACK and CANCEL. */
  lastInvite: SipMessage | null = null;

  private constructor(
    readonly phone: SipPhone,
    /** Where requests go. */
    public peer: Address,
    private readonly localUri: string,
    private readonly remoteUri: string,
    options: CallOptions,
  ) {
    this.callId = options.callId ?? `${token()}@test`;
    this.localTag = options.localTag ?? token(4);
    this.cseq = options.cseq ?? 0;
    this.target = remoteUri;
    this.contact = options.contact ?? `<${phone.uri}>`;
  }

  contact: string;

  static outgoing(phone: SipPhone, server: Address, options: CallOptions): PhoneCall {
    const host = server.host.includes(':') ? `[${server.host}]` : server.host;
    const suffix = server.proto === 'tcp' ? ';transport=tcp' : '';
    const uri = options.requestUri ?? `sip:${options.to ?? 'service'}@${host}:${server.port}${suffix}`;
    return new PhoneCall(phone, server, `sip:${phone.user}@${phone.hostPort}`, uri, options);
  }

  static incoming(phone: SipPhone, invite: SipMessage, options: CallOptions): PhoneCall {
    const uri = (header: string): string => /<([^>]*)>/.exec(header)?.[1] ?? header.split(';')[0] ?? '';
    const call = new PhoneCall(phone, invite.source, uri(invite.need('to')), uri(invite.need('from')), {
      cseq: 100,
      ...options,
      callId: invite.callId,
    });
    call.remoteTag = tagOf(invite.get('from'));
    call.remoteCseq = invite.cseq;
    call.routes = invite.all('record-route');
    if (invite.get('contact') !== undefined) call.target = invite.contactUri;
    return call;
  }

  /** The next message of this call that matches. */
  expect(matcher: Matcher, timeoutMs?: number): Promise<SipMessage> {
    return this.phone.expect(matcher, timeoutMs, this.callId);
  }

  /** The next request of a method that is no retransmission of one seen before: its CSeq is higher. */
  async fresh(method: string, timeoutMs?: number): Promise<SipMessage> {
    const request = await this.expect((m) => m.method === method && m.cseq > this.remoteCseq, timeoutMs);
    this.remoteCseq = request.cseq;
    return request;
  }

  take(matcher: Matcher): SipMessage | undefined {
    return this.phone.take(matcher, this.callId);
  }

  /** A request of this call as bytes; counts CSeq up unless told the number. */
  build(method: string, options: RequestOptions = {}): SipMessage {
    const cseq = options.cseq ?? (method === 'ACK' || method === 'CANCEL' ? this.cseq : ++this.cseq);
    const via = options.via ?? `SIP/2.0/${this.phone.address.proto.toUpperCase()} ${this.phone.hostPort}`;
    const to = options.to ?? `<${this.remoteUri}>${this.remoteTag === '' ? '' : `;tag=${this.remoteTag}`}`;
    const body = options.body ?? '';
    const headers: (readonly [string, string])[] = [
      ['Via', `${via};branch=${options.branch ?? `z9hG4bK${token()}`};rport`],
      ...this.routes.map((route) => ['Route', route] as const),
      ['Max-Forwards', '70'],
      ['From', `<${this.localUri}>;tag=${this.localTag}`],
      ['To', to],
      ['Call-ID', this.callId],
      ['CSeq', `${cseq} ${method}`],
    ];
    if (options.contact !== false && method !== 'ACK' && method !== 'CANCEL' && method !== 'BYE') {
      headers.push(['Contact', options.contact ?? this.contact]);
    }
    if (body !== '') headers.push(['Content-Type', options.type ?? 'application/sdp']);
    headers.push(...(options.headers ?? []));
    const raw = encode(`${method} ${options.uri ?? this.target} SIP/2.0`, headers, body);
    return new SipMessage(raw, this.phone.address);
  }

  /** Builds a request and sends it to the peer. */
  send(method: string, options: RequestOptions = {}): SipMessage {
    const message = this.build(method, options);
    if (method === 'INVITE') this.lastInvite = message;
    this.resend(message);
    return message;
  }

  /** The same bytes again: a retransmission. */
  resend(message: SipMessage): void {
    this.phone.send(message.raw, this.peer);
  }

  /** INVITE with an offer, or without one: `invite({ body: '' })`. */
  invite(options: RequestOptions = {}): SipMessage {
    return this.send('INVITE', {
      body: sdp({ host: this.phone.address.host, user: this.phone.user }),
      ...options,
    });
  }

  /** CANCEL of the last INVITE: same branch, same CSeq number, same To. */
  cancel(options: RequestOptions = {}): SipMessage {
    const invite = this.sentInvite();
    return this.send('CANCEL', {
      uri: invite.uri,
      branch: invite.branch,
      cseq: invite.cseq,
      to: invite.need('to'),
      ...options,
    });
  }

  /** ACK for a final response to the last INVITE: a new branch after 2xx, the INVITE's own otherwise. */
  ack(response: SipMessage, options: RequestOptions = {}): SipMessage {
    const invite = this.sentInvite();
    if (response.status < 300) {
      this.learn(response);
      return this.send('ACK', { cseq: response.cseq, ...options });
    }
    const own = { uri: invite.uri, branch: invite.branch, cseq: invite.cseq, to: response.need('to') };
    return this.send('ACK', { ...own, ...options });
  }

  /** PRACK for a reliable provisional response. */
  prack(response: SipMessage, options: RequestOptions = {}): SipMessage {
    this.learn(response);
    const rack: HeaderLines = [['RAck', `${response.need('rseq')} ${response.need('cseq')}`]];
    return this.send('PRACK', { ...options, headers: [...rack, ...(options.headers ?? [])] });
  }

  /** Takes tag, target and route set over from a response which makes the dialog. */
  learn(response: SipMessage): void {
    this.remoteTag = response.toTag;
    if (response.get('contact') !== undefined) this.target = response.contactUri;
    if (response.get('record-route') !== undefined) this.routes = response.all('record-route').reverse();
  }

  /** A response to a request as bytes. */
  response(request: SipMessage, status: number, options: ResponseOptions = {}): Buffer {
    const to = request.need('to');
    const tag = options.tag ?? this.localTag;
    const body = options.body ?? '';
    const copied = request.headers().filter(([name]) => name === 'via' || name === 'record-route');
    const headers: (readonly [string, string])[] = [
      ...copied,
      ['From', request.need('from')],
      ['To', tagOf(to) !== '' || tag === '' || status === 100 ? to : `${to};tag=${tag}`],
      ['Call-ID', request.callId],
      ['CSeq', request.need('cseq')],
    ];
    const carriesContact = request.method === 'INVITE' && status > 100 && status < 300;
    if (options.contact !== false && (carriesContact || options.contact !== undefined)) {
      headers.push(['Contact', options.contact ?? this.contact]);
    }
    if (body !== '') headers.push(['Content-Type', options.type ?? 'application/sdp']);
    headers.push(...(options.headers ?? []));
    return encode(`SIP/2.0 ${status} ${options.reason ?? REASONS[status] ?? 'Status'}`, headers, body);
  }

  /** Answers a request the way it came. */
  respond(request: SipMessage, status: number, options: ResponseOptions = {}): Buffer {
    const raw = this.response(request, status, options);
    this.phone.send(raw, request.source, request.connection);
    return raw;
  }

  /** 200 with an SDP answer. */
  accept(request: SipMessage, options: ResponseOptions = {}): Buffer {
    const body = sdp({ host: this.phone.address.host, user: this.phone.user });
    return this.respond(request, 200, { body, ...options });
  }

  bye(options: RequestOptions = {}): SipMessage {
    return this.send('BYE', options);
  }

  refer(referTo: string, options: RequestOptions = {}): SipMessage {
    return this.send('REFER', { ...options, headers: [['Refer-To', referTo], ...(options.headers ?? [])] });
  }

  /** NOTIFY of a REFER's progress; `event` when it is not simply `refer`. */
  notify(statusLine: string, state: string, options: RequestOptions & { event?: string } = {}): SipMessage {
    const { event = 'refer', ...rest } = options;
    return this.send('NOTIFY', {
      body: `${statusLine}\r\n`,
      type: 'message/sipfrag;version=2.0',
      ...rest,
      headers: [['Event', event], ['Subscription-State', state], ...(rest.headers ?? [])],
    });
  }

  private sentInvite(): SipMessage {
    if (this.lastInvite === null) throw new Error(`${this.phone.user}: no INVITE was sent on this call`);
    return this.lastInvite;
  }
}

/** Where in-dialog requests belong when the far end's Contact says so (a new TCP connection, another port). */
export const targetAddress = (call: PhoneCall): Address => addressOf(call.target, call.phone.address.proto);
