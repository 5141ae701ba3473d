import type { BotEvent, EndedBy } from './bot-event.js';
import type { Call, State } from './call.js';
import type { Cause, Effect, TimerName } from './effect.js';
import type { Fact } from './fact.js';
import type { LegId } from './ids.js';
import {
  renamed,
  sameWant,
  STABLE,
  type AnchoredMedia,
  type AnchoredWant,
  type DirectMedia,
  type Has,
  type Leg,
  type Media,
} from './leg.js';
import type { HeaderLine } from './plan.js';
import { T } from './timing.js';
import type { Script } from './script-state.js';
import type { TransferStatus } from './outcome.js';

/**
 * One step in the making: the call as it was, what has changed so far, the effects so far. Lives for one call of
 * `step` and never escapes it, so `step` stays pure while handlers read as plain sentences.
 */
export class Turn {
  state: State;
  readonly legs: Map<LegId, Leg>;
  readonly timers: Set<TimerName>;
  readonly effects: Effect[] = [];
  readonly facts: Fact[] = [];
  dialled: number;
  lastStatus: TransferStatus | null;
  script: Script | null;
  consent: Call['consent'];
  /** Last of {@link nextNumber}. */
  private numbered: number;

  constructor(readonly call: Call) {
    this.state = call.state;
    this.legs = new Map(call.legs);
    this.timers = new Set(call.timers);
    this.dialled = call.dialled;
    this.lastStatus = call.lastStatus;
    this.numbered = call.numbered;
    this.script = call.script;
    this.consent = call.consent;
  }

  /** The call after this step. */
  next(): Call {
    const { id, setup } = this.call;
    const { state, legs, timers, dialled, lastStatus, numbered, script, consent } = this;
    return { id, setup, state, legs, timers, dialled, lastStatus, numbered, script, consent };
  }

  effect(effect: Effect): void {
    this.effects.push(effect);
  }

  fact(fact: Fact): void {
    this.facts.push(fact);
  }

  tell(event: BotEvent, question: number | null = null): void {
    this.effects.push({ type: 'tell', event, question });
  }

  /** Media of a leg whose dialog is up. */
  up(id: LegId): Media | null {
    const leg = this.legs.get(id);
    return leg?.phase === 'up' ? leg.media : null;
  }

  /** The same of a leg whose media is the parties' own. */
  direct(id: LegId): DirectMedia | null {
    const media = this.up(id);
    return media?.path === 'direct' ? media : null;
  }

  /** Media of a leg with an endpoint of ours, in any phase that has some. */
  anchored(id: LegId): AnchoredMedia | null {
    const media = this.media(id);
    return media?.path === 'anchored' ? media : null;
  }

  /** Direct media that can be shown to another leg: its dialog is up, or it rings and is heard already. */
  audible(id: LegId): DirectMedia | null {
    const leg = this.legs.get(id);
    if (leg?.phase !== 'up' && leg?.phase !== 'inviting') return null;
    const { media } = leg;
    if (media.path !== 'direct') return null;
    return leg.phase === 'up' || media.remote !== null ? media : null;
  }

  /** Media of a leg in any phase that has some. */
  media(id: LegId): Media | null {
    const leg = this.legs.get(id);
    return leg !== undefined && 'media' in leg ? leg.media : null;
  }

  setMedia(id: LegId, change: Partial<Omit<DirectMedia, 'path'>>): void {
    const leg = this.legs.get(id);
    if (leg === undefined || !('media' in leg) || leg.media.path !== 'direct') return;
    this.legs.set(id, { ...leg, media: { ...leg.media, ...change } });
  }

  setAnchored(id: LegId, change: Partial<Omit<AnchoredMedia, 'path'>>): void {
    const leg = this.legs.get(id);
    if (leg === undefined || !('media' in leg) || leg.media.path !== 'anchored') return;
    this.legs.set(id, { ...leg, media: { ...leg.media, ...change } });
  }

  /** Numbers playings, conferences and changes at the media server. */
  nextNumber(): number {
    this.numbered += 1;
    return this.numbered;
  }

  /** What a leg should be shown from now on; `converge` sees to it. */
  want(id: LegId, want: AnchoredWant): void {
    const media = this.media(id);
    if (media === null || sameWant(media.want, want)) return;
    if (media.path === 'anchored') {
      const has: Has = media.has.state === 'refused' ? { state: 'silent' } : media.has;
      this.setAnchored(id, { want, has });
      if (want.kind === 'peer') this.forgive(want.leg, id);
    } else if (want.kind === 'peer' || want.kind === 'held') this.setMedia(id, { want, rounds: 0 });
  }

  /** That a leg could not be connected to this one is no reason not to try it once more. */
  forgive(id: LegId, partner: LegId): void {
    const has = this.anchored(id)?.has;
    if (has?.state === 'refused' && has.to === partner) this.setAnchored(id, { has: { state: 'silent' } });
  }

  /** The two parties hear each other from now on. */
  connect(a: LegId, b: LegId): void {
    this.want(a, { kind: 'peer', leg: b });
    this.want(b, { kind: 'peer', leg: a });
  }

  /** Lets a leg go, in the way its phase asks for; it stays in the ledger until the far end has had its say. */
  release(id: LegId, cause: Cause | null, headers: readonly HeaderLine[] = []): void {
    const leg = this.legs.get(id);
    switch (leg?.phase) {
      case 'offered':
        this.effect({
          type: 'reject',
          leg: id,
          code: cause?.sipCode ?? 480,
          reason: cause?.text ?? 'Temporarily Unavailable',
          headers,
        });
        break;
      case 'inviting':
        this.legs.set(id, { phase: 'cancelling' });
        this.effect({ type: 'cancel', leg: id, cause });
        return;
      case 'up': {
        const negotiation = leg.media.path === 'direct' ? leg.media.negotiation : STABLE;
        // Requests of theirs still get their answer (RFC 3261 15.1.2).
        if (negotiation.state === 'relaying') {
          const { offerId } = negotiation;
          this.effect({ type: 'refuseOffer', leg: id, offerId, code: 487, reason: 'Request Terminated' });
        }
        this.effect({ type: 'bye', leg: id, cause, headers });
        break;
      }
      case 'cancelling':
      case 'closing':
      case undefined:
        return;
    }
    this.legs.set(id, { phase: 'closing' });
    this.stopTimersOf(id);
  }

  /** The leg is gone for good. */
  drop(id: LegId): void {
    this.legs.delete(id);
    this.stopTimersOf(id);
  }

  private stopTimersOf(id: LegId): void {
    this.stopExchangesOf(id);
    this.stop(`brief:${id}`);
  }

  /** Those of the dialog, as against those of whoever is called by that name. */
  private stopExchangesOf(id: LegId): void {
    this.stop(`glare:${id}`);
    this.stop(`ack:${id}`);
    this.stop(`leave:${id}`);
  }

  /** Two legs change names, and with them their part in the call; timers of theirs have the new names. */
  swap(a: LegId, b: LegId): void {
    for (const id of [a, b]) this.stopExchangesOf(id);
    const [one, two] = [this.legs.get(a), this.legs.get(b)];
    this.legs.delete(a);
    this.legs.delete(b);
    this.rename(a, b);
    if (two !== undefined) this.place(a, two);
    if (one !== undefined) this.place(b, one);
    this.effect({ type: 'swapLegs', a, b });
  }

  /** Who hears whom goes by name; a swap changes no bridge. */
  private rename(a: LegId, b: LegId): void {
    const other = (leg: LegId): LegId => (leg === a ? b : leg === b ? a : leg);
    for (const [id, leg] of this.legs) {
      if (!('media' in leg) || leg.media.path !== 'anchored') continue;
      this.legs.set(id, { ...leg, media: { ...leg.media, has: renamed(leg.media.has, other) } });
    }
  }

  /** A leg that had another name, here or in another call, and whose timers had that name too. */
  place(id: LegId, leg: Leg): void {
    const waits = 'media' in leg && leg.media.path === 'direct' ? leg.media.negotiation.state : null;
    this.legs.set(id, leg);
    if (leg.phase === 'up' && leg.media.path === 'anchored' && !leg.media.open)
      this.start(`ack:${id}`, T.ackMs);
    // Without its back-off it would wait for ever.
    if (waits === 'backoff') this.setMedia(id, { negotiation: STABLE });
    if (waits === 'ackAwaited') this.start(`ack:${id}`, T.ackMs);
  }

  start(timer: TimerName, ms: number | { readonly from: number; readonly to: number }): void {
    this.timers.add(timer);
    this.effect({ type: 'startTimer', timer, ms });
  }

  stop(timer: TimerName): void {
    if (this.timers.delete(timer)) this.effect({ type: 'stopTimer', timer });
  }

  /** Ends the call: everybody is let go, no timer survives, the bot is told. */
  end(by: EndedBy, cause: Cause, headers: readonly HeaderLine[] = []): void {
    for (const timer of this.timers) this.stop(timer);
    for (const id of this.legs.keys()) this.release(id, cause, headers);
    this.tell({ type: 'call.ended', data: { by, sipCode: cause.sipCode, reason: cause.text } });
    this.state = { phase: 'ending', by };
  }
}
