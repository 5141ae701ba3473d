import type { Request, Response } from 'drachtio-srf';
import type { Refusal } from '../../domain/outcome.js';
import { ALLOW, NO_SUCH_DIALOG, SUPPORTED, unacceptable, type Answer } from './capabilities.js';
import { OwnOffer, type OwnOfferEnd } from './own-offer.js';
import { localRefusal } from './refusal.js';
import type { SessionContext } from './session-context.js';
import { grantedInterval, grantHeaders, SessionInterval } from './session-interval.js';
import { SDP_TYPE, bodyOf, peerOf, send, sendableCode } from './wire.js';

/** One offer/answer exchange at a time per dialog (RFC 3264 4), one INVITE transaction at a time (RFC 3261 14). */
type State =
  | { readonly at: 'idle' }
  /** Our 2xx to their INVITE is not ACKed; `late`: the ACK carries the answer to our offer in it. */
  | { readonly at: 'awaitingAck'; readonly late: boolean; readonly next: readonly (() => void)[] }
  | { readonly at: 'ours'; readonly offer: OwnOffer }
  /** Our re-INVITE that only keeps the session alive; `next`: what the engine has to offer behind it. */
  | { readonly at: 'refreshing'; readonly next: string | null }
  | {
      readonly at: 'theirs';
      readonly id: number;
      readonly req: Request;
      readonly res: Response;
      /** What still waited for the ACK of a 2xx of ours when this came (RFC 5407 3.1.4). */
      readonly next: readonly (() => void)[];
    };

const IDLE: State = { at: 'idle' };

export class Offers {
  #state: State = IDLE;
  #lastId = 0;
  #takeGuard: () => void = () => undefined;

  /** Of the session; whoever makes the dialog says what was agreed with it. */
  readonly interval: SessionInterval;

  constructor(
    private readonly on: SessionContext,
    /** The server does not know the dialog any more. */
    private readonly forgotten: () => void,
  ) {
    const { voice, deadlines } = on;
    this.interval = new SessionInterval(
      (ms, fire) => voice.after(ms, fire),
      deadlines.sessionSecond,
      () => this.refresh(),
    );
  }

  /** Our 2xx is out: nothing of ours may follow before its ACK (RFC 3261 14.1, 15). */
  awaitAck(late: boolean, next: readonly (() => void)[] = []): void {
    this.enter({ at: 'awaitingAck', late, next }, this.on.deadlines.ack, () => this.ackGone());
  }

  /** Now, or when the ACK of our 2xx is here. */
  whenAcked(work: () => void): void {
    if (this.#state.at === 'awaitingAck') this.#state = { ...this.#state, next: [...this.#state.next, work] };
    else work();
  }

  /** As {@link whenAcked}, in place of whatever else waits for the ACK: for the BYE. */
  nothingButWhenAcked(work: () => void): void {
    if (this.#state.at === 'awaitingAck') this.#state = { ...this.#state, next: [work] };
    else {
      if (this.#state.at === 'theirs') this.#state = { ...this.#state, next: [] };
      // Nothing of ours may follow our BYE (RFC 3261 15.1.1).
      if (this.#state.at === 'refreshing') this.#state = { at: 'refreshing', next: null };
      work();
    }
  }

  acked(req: Request): void {
    const sdp = bodyOf(req);
    this.on.voice.tap('in', 'ACK', sdp !== null, peerOf(req));
    if (this.#state.at !== 'awaitingAck') return;
    if (this.#state.late && sdp !== null) this.on.voice.tell({ type: 'acked', sdp });
    this.ackGone();
  }

  reoffer(sdp: string): void {
    switch (this.#state.at) {
      case 'awaitingAck':
        return this.whenAcked(() => this.reoffer(sdp));
      case 'ours':
      case 'theirs':
        return this.refuseOwn(localRefusal(491, 'Request Pending'));
      case 'refreshing':
        if (this.#state.next === null) this.#state = { at: 'refreshing', next: sdp };
        else this.refuseOwn(localRefusal(491, 'Request Pending'));
        return;
      case 'idle': {
        const over = (): void => this.enter(IDLE);
        const told = (end: OwnOfferEnd): void => this.toldEngine(end);
        const offer = new OwnOffer(this.on, sdp, this.interval, over, told);
        this.enter({ at: 'ours', offer });
        offer.send();
      }
    }
  }

  private toldEngine(end: OwnOfferEnd): void {
    this.on.voice.tell(end);
    if (isUnknownToServer(end)) this.forgotten();
  }

  /**
   * Nobody is told: nothing changes, and what the far end finds wrong with the dialog the server finds out as well,
   * and hangs up.
   */
  private refresh(): void {
    if (this.#state.at !== 'idle') return this.interval.later();
    const { sdp } = this.on.dialog.local;
    const over = (): void => {
      const next = this.nextOffer();
      this.enter(IDLE);
      if (next !== null) this.reoffer(next);
    };
    const told = (end: OwnOfferEnd): void => {
      // Glare: theirs was first (RFC 3261 14.1).
      if (end.type === 'reofferRefused' && end.refusal.code === 491) this.interval.later();
      if (isUnknownToServer(end)) this.forgotten();
      // Given up, and not over yet.
      if (this.#state.at !== 'refreshing') return;
      const next = this.nextOffer();
      this.enter({ at: 'ours', offer });
      if (next !== null) this.refuseOwn(localRefusal(491, 'Request Pending'));
    };
    const offer: OwnOffer = new OwnOffer(this.on, sdp, this.interval, over, told);
    this.enter({ at: 'refreshing', next: null });
    offer.send();
  }

  private nextOffer(): string | null {
    return this.#state.at === 'refreshing' ? this.#state.next : null;
  }

  /** Their re-INVITE or UPDATE. */
  received(req: Request, res: Response, closing: boolean): void {
    const sdp = bodyOf(req);
    this.on.voice.tap('in', req.method, sdp !== null, peerOf(req));
    const answer = closing ? NO_SUCH_DIALOG : (this.unfit(req) ?? this.collision());
    if (answer !== null) return this.answer(req, res, answer);
    if (sdp === null && req.method === 'UPDATE') {
      // A session refresh (RFC 4028 7.4): nothing about the media changes, so it is nobody else's business.
      return this.answer(req, res, { code: 200, reason: 'OK', headers: this.ourHeaders(req) });
    }
    const id = ++this.#lastId;
    const next = this.#state.at === 'awaitingAck' ? this.#state.next : [];
    this.enter({ at: 'theirs', id, req, res, next }, this.on.deadlines.peerOffer, () =>
      this.refuse(id, 500, 'Server Internal Error'),
    );
    req.on('cancel', () => this.withdrawn(id));
    this.on.voice.tell({ type: 'offer', offerId: id, sdp });
  }

  accept(id: number, sdp: string): void {
    const state = this.#state;
    if (state.at !== 'theirs' || state.id !== id) return;
    const { req, res, next } = state;
    const late = bodyOf(req) === null;
    if (req.method === 'INVITE') this.awaitAck(late, next);
    this.on.dialog.local.sdp = sdp;
    this.on.voice.tap('out', `200 OK (${req.method})`, true, this.on.peer);
    const headers = { ...this.ourHeaders(req), 'Content-Type': SDP_TYPE };
    res.send(200, 'OK', { headers, body: sdp }, (error) => {
      // The server had a final response of its own out already: the far end cancelled its re-INVITE.
      if (error !== null) this.ackGone();
    });
    if (req.method !== 'INVITE') this.resume(next);
  }

  refuse(id: number, code: number, reason: string): void {
    const state = this.#state;
    if (state.at !== 'theirs' || state.id !== id) return;
    this.answer(state.req, state.res, { code: sendableCode(code), reason, headers: {} });
    this.resume(state.next);
  }

  private refuseOwn(refusal: Refusal): void {
    this.on.voice.tellSoon({ type: 'reofferRefused', refusal });
  }

  private unfit(req: Request): Answer | null {
    return unacceptable(req.headers['require'], req.headers['content-type'], req.body);
  }

  /** RFC 3261 14.2 and RFC 3311 5.2: neither the server nor srf does this (pitfall 9). */
  private collision(): Answer | null {
    const state = this.#state;
    if (state.at === 'ours' || state.at === 'refreshing' || (state.at === 'awaitingAck' && state.late)) {
      return { code: 491, reason: 'Request Pending', headers: {} };
    }
    if (state.at !== 'theirs') return null;
    const seconds = Math.floor(Math.random() * 10);
    return { code: 500, reason: 'Server Internal Error', headers: { 'Retry-After': String(seconds) } };
  }

  private withdrawn(id: number): void {
    if (this.#state.at === 'theirs' && this.#state.id === id) this.resume(this.#state.next);
  }

  private ackGone(): void {
    if (this.#state.at !== 'awaitingAck') return;
    this.resume(this.#state.next);
  }

  private resume(next: readonly (() => void)[]): void {
    this.enter(IDLE);
    for (const work of next) work();
  }

  private answer(req: Request, res: Response, answer: Answer): void {
    this.on.voice.tap('out', `${answer.code} ${answer.reason} (${req.method})`, false, this.on.peer);
    send(res, answer);
  }

  /**
   * Of a 2xx. Contact is wanted on that of a target refresh (RFC 3261 12.2.2, RFC 3311 5.2). It agrees to the timer the
   * request asks for; a request that asks for none ends it (RFC 4028 9).
   */
  private ourHeaders(req: Request): Record<string, string> {
    const interval = grantedInterval(req);
    this.interval.agreed(interval);
    const { contact } = this.on.dialog.local;
    return { Contact: contact, Allow: ALLOW, Supported: SUPPORTED, ...grantHeaders(interval) };
  }

  private enter(state: State, guardMs?: number, guard?: () => void): void {
    this.#takeGuard();
    this.#state = state;
    this.#takeGuard =
      guardMs === undefined || guard === undefined ? () => undefined : this.on.voice.after(guardMs, guard);
  }
}

const isUnknownToServer = (end: OwnOfferEnd): boolean =>
  end.type === 'reofferRefused' && end.refusal.by === 'local' && end.refusal.code === 481;
