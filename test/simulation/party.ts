import type { CallEvent } from '../../src/domain/call-event.js';
import type { LegId } from '../../src/domain/ids.js';
import type { Refusal } from '../../src/domain/outcome.js';
import type { TransferPlan } from '../../src/domain/plan.js';
import { BOTH, bodyOf, flip, VIDEO_NONE, VIDEO_OFF, VIDEO_ON, type Shown } from './bodies.js';

/** A re-INVITE of the party's own that has no answer yet. */
export interface OwnOffer {
  readonly id: number;
  readonly move: number;
  readonly wish: number;
  readonly dir: number;
  readonly streams: number;
  readonly kind: number;
  /** `null`: it asks us to offer. */
  readonly body: string | null;
  /** The engine has seen it, and owes the one answer. */
  seen: boolean;
}

/** A REFER of ours to it: what it has said about it so far. */
export interface Referral {
  readonly id: number;
  answered: boolean;
  /** Its subscription is over, as far as the party is concerned. */
  over: boolean;
}

/** What the engine has asked of the leg's life; nothing but the end may follow. */
export type Asked = 'nothing' | 'cancel' | 'bye' | 'reject';

/**
 * One far end and the leg towards it: the truth about a phone, and what the signalling port promises about it. What
 * it does is queued, so that an effect of ours can cross it on the way.
 */
export class Party {
  readonly queue: CallEvent[] = [];
  /** The far end itself: not yet answered, in a dialog, or gone for good. */
  phase: 'trying' | 'up' | 'over' = 'trying';
  /** The engine knows the dialog is up. */
  answered = false;
  /** The engine has been told the leg's end. */
  gone = false;
  asked: Asked = 'nothing';
  /** The engine was told that this dialog answers no more (481, 408). */
  dead = false;

  /** It can be heard before it answers. */
  early = false;

  /** It was let go by an engine that died, which nobody knows any more. */
  letGo = false;

  /** It lives in another call. */
  elsewhere = false;

  /** How often it has changed its address. */
  move = 0;
  /** What its user wants to do: send, receive, both, nothing. */
  wish = BOTH;
  likesVideo = false;
  streams = 1;
  /** Its own side of the session in effect. */
  theirs: { move: number; dir: number; kind: number } | null = null;
  /** Our side of the session in effect, as it knows it. */
  ours: Shown | null = null;

  /** A re-INVITE of ours whose answer the engine has not read yet. */
  reofferUnread = false;
  /** Our open re-INVITE, and whether it carries another party's. */
  reoffer: Shown | null = null;
  relayed = false;
  /** 491s in a row to re-INVITEs that carry nobody's. */
  glares = 0;
  own: OwnOffer | null = null;
  /** Our 2xx carried an offer; its ACK has to answer. */
  owesAck: Shown | null = null;
  /** Its 2xx carried an offer; our ACK has to answer. */
  awaitsAck = false;

  /** REFERs of ours, oldest first. */
  readonly referrals: Referral[] = [];
  /** What its BYE asks for (X-Transfer-To), told before the hang-up it is part of. */
  farewell: TransferPlan | null = null;

  /** `o=` bookkeeping of what was sent to it. */
  sessionId = 0;
  version = 0;
  /** The last body it was sent and did not refuse, and the one before that. */
  current: string | null = null;
  before: string | null = null;

  constructor(
    readonly index: number,
    /** Its leg's name in the call; legs may change names. */
    public id: LegId,
    /** It has called us, or we it. */
    readonly inbound: boolean,
    /** It ends at an endpoint of ours, which settles descriptions with it: the call only hears that there are some. */
    readonly anchored: boolean,
  ) {}

  get live(): boolean {
    return this.phase === 'up' && this.asked === 'nothing' && !this.dead;
  }

  private end(event: CallEvent): void {
    this.phase = 'over';
    this.own = null;
    this.reoffer = null;
    this.owesAck = null;
    this.queue.push(event);
  }

  hangUp(q850: number | null): void {
    this.end({ type: 'hungUp', leg: this.id, q850, reason: null });
  }

  close(code: number | null): void {
    this.end({ type: 'closed', leg: this.id, code });
  }

  /** It is another call's from now on, and says nothing here any more. */
  moveOut(): void {
    this.elsewhere = true;
    this.phase = 'over';
    this.gone = true;
    this.queue.length = 0;
  }

  refuse(refusal: Refusal): void {
    this.end({ type: 'refused', leg: this.id, refusal });
  }

  /** Its final word on a REFER itself. */
  answerRefer(referral: Referral, refusal: Refusal | null): void {
    referral.answered = true;
    if (refusal !== null) referral.over = true;
    this.queue.push({ type: 'referAnswered', leg: this.id, referral: referral.id, refusal });
  }

  notify(referral: Referral, code: number | null, terminated: boolean): void {
    if (terminated) referral.over = true;
    const status = code === null ? null : { code, reason: 'so it is' };
    this.queue.push({ type: 'notified', leg: this.id, referral: referral.id, status, terminated });
  }

  progress(code: number, sdp: string | null): void {
    this.early ||= sdp !== null && code > 100;
    this.queue.push({ type: 'progress', leg: this.id, code, reason: 'Ringing', sdp });
  }

  /** Its own description, with `streams` lines. */
  body(dir: number, streams: number, video: boolean, version = 1): string {
    return bodyOf(this.index, this.move, dir, this.kind(streams, video), version);
  }

  private kind(streams: number, video: boolean): number {
    return streams === 1 ? VIDEO_NONE : video && this.likesVideo ? VIDEO_ON : VIDEO_OFF;
  }

  /** The answer of an honest phone (RFC 3264 6.1). */
  private answerTo(offer: Shown): string {
    const dir = this.wish & flip(offer.dir);
    this.theirs = { move: this.move, dir, kind: this.kind(offer.streams, offer.videoOn) };
    this.streams = offer.streams;
    this.ours = offer;
    return this.body(dir, offer.streams, offer.videoOn);
  }

  /** 2xx to our INVITE; `dialled` is the offer it carried. */
  answer(dialled: Shown | null): void {
    this.phase = 'up';
    let sdp;
    if (this.anchored) sdp = this.body(BOTH, 1, false);
    else if (dialled !== null) sdp = this.answerTo(dialled);
    else {
      this.streams = this.likesVideo ? 2 : 1;
      this.theirs = { move: this.move, dir: this.wish, kind: this.kind(this.streams, true) };
      this.awaitsAck = true;
      sdp = this.body(this.wish, this.streams, true);
    }
    this.queue.push({ type: 'answered', leg: this.id, sdp });
  }

  answerBadly(sdp: string | null): void {
    this.phase = 'up';
    this.queue.push({ type: 'answered', leg: this.id, sdp });
  }

  acceptReoffer(moved: boolean): void {
    const offer = this.reoffer;
    if (offer === null) return;
    if (moved) this.move += 1;
    this.reoffer = null;
    this.queue.push({ type: 'reofferAccepted', leg: this.id, sdp: this.answerTo(offer) });
  }

  /** A 2xx nobody can use: the session stays as it was. */
  acceptReofferBadly(sdp: string | null): void {
    this.reoffer = null;
    this.queue.push({ type: 'reofferAccepted', leg: this.id, sdp });
  }

  refuseReoffer(code: number): void {
    this.reoffer = null;
    const by = code === 408 ? 'local' : 'far_end';
    const refusal: Refusal = { code, reason: 'no', q850: null, retryAfterMs: null, by };
    this.queue.push({ type: 'reofferRefused', leg: this.id, refusal });
  }

  /** May it send a re-INVITE of its own: none open, and its session is complete. */
  mayOffer(): boolean {
    return this.phase === 'up' && this.ours !== null && this.own === null && this.owesAck === null;
  }

  offer(id: number, change: { moved?: boolean; wish?: number; video?: boolean }): void {
    if (change.video === true) this.likesVideo = true;
    const move = this.move + (change.moved === true ? 1 : 0);
    const wish = change.wish ?? this.wish;
    const streams = this.likesVideo ? 2 : this.streams;
    this.ask({ id, move, wish, dir: wish, streams, kind: this.kind(streams, true) }, 1);
  }

  /** A session refresh: what it said last, once more, also where that was narrowed to fit an offer of ours. */
  refresh(id: number): void {
    const { wish, streams, theirs } = this;
    if (theirs !== null) this.ask({ id, wish, streams, ...theirs }, 2);
  }

  private ask(own: Omit<OwnOffer, 'body' | 'seen'>, version: number): void {
    const body = bodyOf(this.index, own.move, own.dir, own.kind, version);
    this.own = { ...own, body, seen: false };
    this.queue.push({ type: 'offer', leg: this.id, offerId: own.id, sdp: body });
  }

  offerless(id: number): void {
    const { move, wish, streams } = this;
    this.own = { id, move, wish, dir: wish, streams, kind: 0, body: null, seen: false };
    this.queue.push({ type: 'offer', leg: this.id, offerId: id, sdp: null });
  }

  /** Our 2xx to its own offer. */
  accepted(sent: Shown): void {
    const { own } = this;
    this.own = null;
    if (own === null || this.phase === 'over') return;
    if (own.body === null) {
      this.owesAck = sent;
      return;
    }
    this.move = own.move;
    this.wish = own.wish;
    this.streams = own.streams;
    this.theirs = { move: own.move, dir: own.dir, kind: own.kind };
    this.ours = sent;
  }

  /** The ACK of our 2xx, with the answer in it. */
  ack(moved: boolean): void {
    const offer = this.owesAck;
    if (offer === null) return;
    if (moved) this.move += 1;
    this.owesAck = null;
    const sdp = this.anchored ? this.body(BOTH, 1, false) : this.answerTo(offer);
    this.queue.push({ type: 'acked', leg: this.id, sdp });
  }

  /** The ACK without an answer, or with one that cannot be used. */
  ackBadly(sdp: string | null): void {
    this.owesAck = null;
    if (sdp !== null) this.queue.push({ type: 'acked', leg: this.id, sdp });
  }
}
