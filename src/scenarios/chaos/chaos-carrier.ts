import { DigestGuard, type Credentials } from './digest.js';
import { ALLOW, Leg, type Extra } from './leg.js';
import { LossySocket } from './lossy-socket.js';
import { playReferral } from './referral.js';
import { addressOf, tagOf, type Address, type SipMessage } from './sip-message.js';
import { NO_SWITCHES, type Switches } from './switches.js';
import { Transactions } from './transactions.js';

export interface CarrierOptions {
  /** Port 0: any free one. */
  readonly listen: Address;
  readonly switches?: Partial<Switches>;
  /** What a REFER has to be signed with when it is challenged. */
  readonly credentials?: Credentials;
  /** Told of each message, for a log. */
  readonly trace?: (direction: 'received' | 'sent', what: string) => void;
}

/**
 * A far end that misbehaves on request: it places calls as a caller's network does and takes calls as a target does,
 * over one UDP socket. Without switches it is a polite, correct user agent.
 */
export class ChaosCarrier {
  /** What the other side did that no far end has to put up with. */
  readonly problems: string[] = [];
  private readonly legs = new Map<string, Leg>();
  private readonly switches: Switches;
  private readonly guard: DigestGuard;
  private readonly transactions = new Transactions(() => this.socket);
  private readonly socket: LossySocket;
  private readonly counts = new Map<string, number>();
  /** ACKs that were never seen, by the INVITE they belong to. */
  private readonly dropped: string[] = [];
  private self: Address;
  private isClosed = false;

  private constructor(private readonly options: CarrierOptions) {
    this.switches = { ...NO_SWITCHES, ...options.switches };
    this.guard = new DigestGuard(options.credentials ?? { username: 'chaos', password: 'chaos' });
    this.self = options.listen;
    this.socket = new LossySocket(this.switches.dropEvery, options.listen.host, (m) => this.arrived(m));
  }

  static async open(options: CarrierOptions): Promise<ChaosCarrier> {
    const carrier = new ChaosCarrier(options);
    carrier.self = await carrier.socket.listen(options.listen.port);
    return carrier;
  }

  get address(): Address {
    return this.self;
  }

  /** Calls neither side has ended. */
  get openLegs(): readonly Leg[] {
    return [...this.legs.values()].filter((leg) => leg.isOpen);
  }

  /** How many requests of a method have arrived, repetitions not counted. */
  received(method: string): number {
    return this.counts.get(method) ?? 0;
  }

  /** How many ACKs of one and the same response were dropped, at most: from the second on it had been repeated. */
  get acksDropped(): number {
    return Math.max(0, ...this.dropped.map((of) => this.dropped.filter((other) => other === of).length));
  }

  /**
   * Places a call and talks. Resolves when it is answered.
   *
   * @throws Error when it is refused, or when nobody answers within 32 s
   */
  async call(from: string, to: string, server: Address): Promise<Leg> {
    const leg = Leg.calling(this.self, from, to, server);
    this.legs.set(leg.callId, leg);
    const response = await this.invite(leg);
    if (response === null || response.status >= 300) {
      leg.isOpen = false;
      throw new Error(`the call was not answered: ${response?.status ?? 'no response'}`);
    }
    return leg;
  }

  /** Hangs up; resolves with the status of the response, 0 when none came. */
  async hangUp(leg: Leg): Promise<number> {
    leg.isOpen = false;
    this.transactions.forget(leg.callId);
    const response = await this.request(leg, 'BYE');
    return response?.status ?? 0;
  }

  async close(): Promise<void> {
    this.isClosed = true;
    this.transactions.close();
    await this.socket.close();
  }

  private arrived(message: SipMessage): void {
    this.options.trace?.('received', message.method || `${message.status} ${message.about}`);
    if (message.method === '') this.transactions.answered(message);
    else if (message.method !== 'ACK') this.requested(message);
    else if (this.switches.dropAck) this.dropped.push(`${message.callId} ${message.cseq}`);
    else this.transactions.acknowledged(message);
  }

  private requested(request: SipMessage): void {
    if (!this.transactions.isNew(request)) return;
    const { method, callId } = request;
    this.counts.set(method, this.received(method) + 1);
    const leg = this.legs.get(callId);
    if (method === 'OPTIONS' && leg === undefined)
      this.respond(Leg.called(this.self, request), request, '200 OK');
    else if (method === 'INVITE' && tagOf(request.get('to')) === '') this.takeCall(request);
    else if (leg === undefined) {
      this.respond(Leg.called(this.self, request), request, '481 Call/Transaction Does Not Exist');
    } else this.inDialog(leg, request);
  }

  private inDialog(leg: Leg, request: SipMessage): void {
    switch (request.method) {
      case 'INVITE':
        return this.reinvited(leg, request);
      case 'REFER':
        return this.referred(leg, request);
      case 'BYE':
        return this.hungUp(leg, request);
      case 'CANCEL':
        return this.cancelled(leg, request);
      case 'NOTIFY':
      case 'INFO':
      case 'OPTIONS':
        return this.respond(leg, request, '200 OK');
      default:
        return this.respond(leg, request, '501 Not Implemented');
    }
  }

  private takeCall(invite: SipMessage): void {
    const leg = Leg.called(this.self, invite);
    this.legs.set(leg.callId, leg);
    if (this.switches.reinviteDuringTransfer) {
      for (const caller of this.openLegs.filter((l) => l.isCaller)) void this.reinvite(caller);
    }
    if (this.switches.busyAfter183) {
      leg.isOpen = false;
      this.respond(leg, invite, '183 Session Progress', { body: leg.sdp() });
      this.respond(leg, invite, '486 Busy Here');
      return;
    }
    this.respond(leg, invite, '180 Ringing');
    this.respond(leg, invite, '200 OK', { body: leg.sdp(), headers: [['Allow', ALLOW]] });
  }

  /** Glare is refused with 491 (RFC 3261 14.2). */
  private reinvited(leg: Leg, request: SipMessage): void {
    if (leg.isInviting) this.respond(leg, request, '491 Request Pending');
    else this.respond(leg, request, '200 OK', { body: leg.sdp() });
  }

  /** A called leg answers at once, so there is never anything left to cancel (RFC 3261 9.2). */
  private cancelled(leg: Leg, request: SipMessage): void {
    this.respond(leg, request, '200 OK');
  }

  private hungUp(leg: Leg, request: SipMessage): void {
    // Crossing: our re-INVITE is on the wire before the BYE is answered (RFC 5407 3.2).
    if (this.switches.reinviteDuringTransfer && leg.isCaller && leg.isOpen) void this.reinvite(leg);
    leg.isOpen = false;
    this.respond(leg, request, '200 OK');
    this.transactions.forget(leg.callId);
  }

  private referred(leg: Leg, request: SipMessage): void {
    if (this.switches.challengeRefer && !this.guard.admits(request)) {
      const headers = [['WWW-Authenticate', this.guard.challenge()]] as const;
      this.respond(leg, request, '401 Unauthorized', { headers });
      return;
    }
    this.respond(leg, request, this.switches.refer200 ? '200 OK' : '202 Accepted');
    const id = request.cseq;
    void playReferral(leg, this.switches, {
      notify: (to, status, state) => this.notify(to, id, status, state),
      bye: (to) => this.hangUp(to),
      reinvite: (to) => this.reinvite(to),
    });
  }

  private notify(leg: Leg, id: number, status: string, state: string): Promise<SipMessage | null> {
    return this.request(leg, 'NOTIFY', {
      headers: [
        ['Event', `refer;id=${id}`],
        ['Subscription-State', state],
      ],
      type: 'message/sipfrag;version=2.0',
      body: `SIP/2.0 ${status}\r\n`,
    });
  }

  /** A re-INVITE; whatever its fate, it must have one. */
  private async reinvite(leg: Leg): Promise<void> {
    if (leg.isInviting) return;
    const response = await this.invite(leg);
    if (response === null && !this.isClosed) this.problems.push('a re-INVITE got no final response');
  }

  private async invite(leg: Leg): Promise<SipMessage | null> {
    const invite = leg.invite();
    leg.isInviting = true;
    const response = await this.send(leg, invite);
    leg.isInviting = false;
    if (response === null) return null;
    if (response.status < 300) leg.learn(response);
    this.transactions.acknowledge(response, leg.ack(invite, response), leg.peer);
    return response;
  }

  private request(leg: Leg, method: string, extra: Extra = {}): Promise<SipMessage | null> {
    return this.send(leg, leg.request(method, extra));
  }

  private send(leg: Leg, request: SipMessage): Promise<SipMessage | null> {
    this.options.trace?.('sent', request.method);
    return this.transactions.request(request, addressOf(leg.target) ?? leg.peer);
  }

  private respond(leg: Leg, request: SipMessage, statusLine: string, extra: Extra = {}): void {
    this.options.trace?.('sent', `${statusLine} (${request.method})`);
    const status = Number(statusLine.slice(0, 3));
    this.transactions.respond(request, status, leg.response(request, statusLine, extra));
  }
}
