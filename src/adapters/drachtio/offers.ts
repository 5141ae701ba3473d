import type { Request, Response } from 'drachtio-srf';
import type { Refusal } from '../../domain/outcome.js';
import { ALLOW, NO_SUCH_DIALOG, SUPPORTED, unacceptable, type Answer } from './capabilities.js';
import { OwnOffer } from './own-offer.js';
import { localRefusal } from './refusal.js';
import type { SessionContext } from './session-context.js';
import { SDP_TYPE, bodyOf, peerOf, send, sendableCode } from './wire.js';

/** One offer/answer exchange at a time per dialog (RFC 3264 4), one INVITE transaction at a time (RFC 3261 14). */
type State =
  | { readonly at: 'idle' }
  /** Our 2xx to their INVITE is not ACKed; `late`: the ACK carries the answer to our offer in it. */
  | { readonly at: 'awaitingAck'; readonly late: boolean; readonly next: readonly (() => void)[] }
  | { readonly at: 'ours'; readonly offer: OwnOffer }
  | { readonly at: 'theirs'; readonly id: number; readonly req: Request; readonly res: Response };

const IDLE: State = { at: 'idle' };

export class Offers {
  #state: State = IDLE;
  #lastId = 0;
  #takeGuard: () => void = () => undefined;

  constructor(private readonly on: SessionContext) {}

  /** Our 2xx is out: nothing of ours may follow before its ACK (RFC 3261 14.1, 15). */
  awaitAck(late: boolean): void {
    this.enter({ at: 'awaitingAck', late, next: [] }, this.on.deadlines.ack, () => this.ackGone());
  }

  /** Now, or when the ACK of our 2xx is here. */
  whenAcked(work: () => void): void {
    if (this.#state.at === 'awaitingAck') this.#state = { ...this.#state, next: [...this.#state.next, work] };
    else work();
  }

  /** As {@link whenAcked}, in place of whatever else waits for the ACK: for the BYE. */
  nothingButWhenAcked(work: () => void): void {
    if (this.#state.at === 'awaitingAck') this.#state = { ...this.#state, next: [work] };
    else work();
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
      case 'idle': {
        const offer = new OwnOffer(this.on, sdp, () => this.enter(IDLE));
        this.enter({ at: 'ours', offer });
        offer.send();
      }
    }
  }

  /** Their re-INVITE or UPDATE. */
  received(req: Request, res: Response, closing: boolean): void {
    const sdp = bodyOf(req);
    this.on.voice.tap('in', req.method, sdp !== null, peerOf(req));
    const answer = closing ? NO_SUCH_DIALOG : (this.unfit(req) ?? this.collision());
    if (answer !== null) return this.answer(req, res, answer);
    if (sdp === null && req.method === 'UPDATE') {
      // A session refresh (RFC 4028 7.4): nothing about the media changes, so it is nobody else's business.
      return this.answer(req, res, { code: 200, reason: 'OK', headers: this.ourHeaders() });
    }
    const id = ++this.#lastId;
    this.enter({ at: 'theirs', id, req, res }, this.on.deadlines.peerOffer, () =>
      this.refuse(id, 500, 'Server Internal Error'),
    );
    req.on('cancel', () => this.withdrawn(id));
    this.on.voice.tell({ type: 'offer', offerId: id, sdp });
  }

  accept(id: number, sdp: string): void {
    const state = this.#state;
    if (state.at !== 'theirs' || state.id !== id) return;
    const { req, res } = state;
    const late = bodyOf(req) === null;
    if (req.method === 'INVITE') this.awaitAck(late);
    else this.enter(IDLE);
    this.on.dialog.local.sdp = sdp;
    this.on.voice.tap('out', `200 OK (${req.method})`, true, this.on.peer);
    const headers = { ...this.ourHeaders(), 'Content-Type': SDP_TYPE };
    res.send(200, 'OK', { headers, body: sdp }, (error) => {
      // The server had a final response of its own out already: the far end cancelled its re-INVITE.
      if (error !== null) this.ackGone();
    });
  }

  refuse(id: number, code: number, reason: string): void {
    const state = this.#state;
    if (state.at !== 'theirs' || state.id !== id) return;
    this.enter(IDLE);
    this.answer(state.req, state.res, { code: sendableCode(code), reason, headers: {} });
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
    if (state.at === 'ours' || (state.at === 'awaitingAck' && state.late)) {
      return { code: 491, reason: 'Request Pending', headers: {} };
    }
    if (state.at !== 'theirs') return null;
    const seconds = Math.floor(Math.random() * 10);
    return { code: 500, reason: 'Server Internal Error', headers: { 'Retry-After': String(seconds) } };
  }

  private withdrawn(id: number): void {
    if (this.#state.at === 'theirs' && this.#state.id === id) this.enter(IDLE);
  }

  private ackGone(): void {
    if (this.#state.at !== 'awaitingAck') return;
    const { next } = this.#state;
    this.enter(IDLE);
    for (const work of next) work();
  }

  private answer(req: Request, res: Response, answer: Answer): void {
    this.on.voice.tap('out', `${answer.code} ${answer.reason} (${req.method})`, false, this.on.peer);
    send(res, answer);
  }

  /** Contact is wanted on the 2xx of a target refresh (RFC 3261 12.2.2, RFC 3311 5.2). */
  private ourHeaders(): Record<string, string> {
    return { Contact: this.on.dialog.local.contact, Allow: ALLOW, Supported: SUPPORTED };
  }

  private enter(state: State, guardMs?: number, guard?: () => void): void {
    this.#takeGuard();
    this.#state = state;
    this.#takeGuard =
      guardMs === undefined || guard === undefined ? () => undefined : this.on.voice.after(guardMs, guard);
  }
}
