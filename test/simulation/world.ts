import type { Call } from '../../src/domain/call.js';
import { acceptsTransfer } from '../../src/domain/call.js';
import type { CallEvent } from '../../src/domain/call-event.js';
import type { Effect, TimerName } from '../../src/domain/effect.js';
import { asCallId, type LegId } from '../../src/domain/ids.js';
import type { TransferPlan } from '../../src/domain/plan.js';
import { open, step, type Step } from '../../src/domain/step.js';
import { BOTH, BROKEN, readBody, RECV, SEND, VIDEO_NONE, VIDEO_ON, type Shown } from './bodies.js';
import { Party } from './party.js';
import { SETUP } from './plans.js';
import { Story } from './story.js';
import { must } from './violation.js';

export type Stepper = (call: Call, event: CallEvent) => Step;

/** The engine under test: the real one, or one with a planted breakage. */
export interface Engine {
  readonly open: typeof open;
  readonly step: Stepper;
}

export const REAL: Engine = { open, step };

/** Agents are dialled one after the other; more would only be more of the same. */
export const MAX_PARTIES = 24;

/**
 * Everything around the domain: the far ends, the runner of effects, the timers, the reader of the bot's events. It
 * holds the domain to what it promises (DESIGN 3) and to what SIP demands of it, after every single step.
 */
export class World {
  readonly parties: Party[] = [];
  readonly timers: TimerName[] = [];
  readonly story: Story;
  call: Call;
  done = false;
  steps = 0;
  linkLost = false;
  /** How restless the far ends are: percent of their turns in which they change the session. */
  unrest = 50;
  /** A line per event and effect; off unless somebody wants to read it. */
  log: string[] | null = null;
  private offers = 0;
  private event: CallEvent | null = null;

  constructor(
    private readonly engine: Engine,
    /** `null`: the caller leaves the offer to us. */
    sdp: string | null,
    log: string[] | null,
  ) {
    this.log = log;
    this.story = new Story({
      callerGone: () => this.caller.gone || this.caller.dead || this.linkLost,
      callerShownBot: () => this.caller.ours?.party === 1,
      callerShownTarget: () => {
        const target = this.liveTarget();
        return target !== undefined && this.caller.ours?.party === target.index && target.ours?.party === 0;
      },
      glares: () => Math.max(...this.parties.map((p) => p.glares)),
    });
    this.caller.likesVideo = sdp !== null && sdp.includes('m=video');
    this.caller.streams = this.caller.likesVideo ? 2 : 1;
    if (sdp !== null)
      this.caller.theirs = { move: 0, dir: BOTH, kind: this.caller.likesVideo ? VIDEO_ON : VIDEO_NONE };
    this.note('-> INVITE', sdp);
    const first = engine.open(asCallId('call_1'), SETUP, sdp);
    this.call = first.next;
    this.run(first);
  }

  /** The caller is there before the call is. */
  readonly caller = this.party('caller');

  party(id: LegId): Party {
    const index = id === 'caller' ? 0 : id === 'bot' ? 1 : Number(id.slice(6)) + 1;
    return (this.parties[index] ??= new Party(index, id));
  }

  get bot(): Party | undefined {
    return this.parties[1];
  }

  /** The target the engine still holds on to. */
  liveTarget(): Party | undefined {
    for (let i = this.parties.length - 1; i > 1; i -= 1) {
      const p = this.parties[i];
      if (p?.answered === true && !p.gone && p.asked === 'nothing') return p;
    }
    return undefined;
  }

  nextOfferId(): number {
    return (this.offers += 1);
  }

  /** Hands the engine the next thing a party has said. */
  deliver(party: Party): void {
    const event = party.queue.shift();
    if (event === undefined) return;
    if (event.type === 'hungUp' || event.type === 'closed' || event.type === 'refused') party.gone = true;
    else if (event.type === 'answered' && party.asked === 'nothing') party.answered = true;
    else if (event.type === 'reofferRefused' || (event.type === 'reofferAccepted' && !usable(event.sdp)))
      party.current = party.before;
    else if (event.type === 'offer' && party.own?.id === event.offerId) party.own.seen = true;
    this.send(event, party);
  }

  fire(timer: TimerName): void {
    this.timers.splice(this.timers.indexOf(timer), 1);
    // 64*T1 have passed without an answer in an ACK: none will come any more.
    if (timer.startsWith('ack:')) this.party(timer.slice(4) as LegId).owesAck = null;
    this.send({ type: 'timerFired', timer }, null);
  }

  acceptsTransfer(): boolean {
    return acceptsTransfer(this.call);
  }

  command(plan: TransferPlan): void {
    this.send({ type: 'transferCommanded', plan }, null);
    must(this.story.plan === plan || this.story.verdicts === this.story.requested, 'a command is taken up');
    must(this.story.requested > 0, 'an accepted command is told as requested');
  }

  cancel(): void {
    const { plan, attempt } = this.story;
    if (plan === null) return;
    this.send({ type: 'cancelRequested', transferId: plan.id }, null);
    if (attempt !== 'answered') must(this.story.plan === null, 'a cancel before the answer is the verdict');
  }

  order(by: 'api' | 'bot' | 'engine'): void {
    this.send({ type: 'hangupRequested', by, reason: 'ordered' }, null);
    must(this.story.ended, 'an ordered hang-up ends the call');
  }

  loseLink(): void {
    this.linkLost = true;
    this.timers.length = 0;
    for (const p of this.parties) {
      p.queue.length = 0;
      p.phase = 'over';
      p.gone = true;
    }
    this.timers.push(...this.call.timers);
    this.send({ type: 'signallingLost' }, null);
    must(this.done, 'a lost link ends the call at once: nobody is left to answer');
  }

  private send(event: CallEvent, from: Party | null): void {
    this.steps += 1;
    this.event = event;
    this.before(event, from);
    if (this.log !== null) this.note(`-> ${event.type}`, event);
    const relayed = from?.relayed === true;
    const result = this.engine.step(this.call, event);
    this.call = result.next;
    this.run(result);
    this.after(event, from, relayed);
    this.check();
  }

  private before(event: CallEvent, from: Party | null): void {
    must(!this.done || from !== null, 'nothing runs after done');
    if (from === null) return;
    if (event.type === 'reofferAccepted' || event.type === 'reofferRefused')
      this.openReoffers.delete(from.id);
    if (event.type === 'reofferRefused') {
      if (event.refusal.code === 491 && !from.relayed) from.glares += 1;
      if (event.refusal.code === 481 || event.refusal.code === 408) from.dead = true;
    } else if (event.type === 'reofferAccepted') from.glares = 0;
  }

  private run({ effects }: Step): void {
    for (const effect of effects) {
      if (this.log !== null) this.note(`   ${effect.type}`, effect);
      must(!this.done, 'nothing is done after done');
      this.perform(effect);
    }
    if (this.log !== null) this.log.push(`   = ${this.call.state.phase}`);
  }

  private perform(effect: Effect): void {
    switch (effect.type) {
      case 'tell':
        return this.tell(effect.event);
      case 'startTimer':
        must(!this.timers.includes(effect.timer), `timer ${effect.timer} is not started twice`);
        this.timers.push(effect.timer);
        return;
      case 'stopTimer': {
        const at = this.timers.indexOf(effect.timer);
        must(at >= 0, `only running timers are stopped (${effect.timer})`);
        this.timers.splice(at, 1);
        return;
      }
      case 'done':
        this.done = true;
        return;
      case 'dial':
        return this.dial(effect);
      default:
        return this.ask(effect, this.party(effect.leg));
    }
  }

  private tell(event: Extract<Effect, { type: 'tell' }>['event']): void {
    const command = this.event?.type === 'transferCommanded' ? this.event.plan : null;
    if (event.type === 'call.ended') this.justified(event.data.by);
    this.story.tell(event, command);
  }

  /** The engine may not give up a caller whom somebody could still talk to. */
  private justified(by: string): void {
    const { event } = this;
    if (by !== 'engine' || event === null || event.type === 'hangupRequested' || event.type === 'timerFired')
      return;
    const { bot } = this;
    must(
      bot === undefined || !bot.live || !this.flows(this.caller, bot),
      'a caller who hears the bot is kept',
    );
  }

  private dial(effect: Extract<Effect, { type: 'dial' }>): void {
    const known = this.parties.length;
    const party = this.party(effect.leg);
    must(party.index === known, 'every dialled leg is a new one');
    if (effect.sdp !== null) this.sent(party, effect.sdp, null);
    if (party.index > 1) must(this.story.attempt === 'started', 'a target is dialled as an attempt');
  }

  private ask(
    effect: Exclude<Effect, { type: 'tell' | 'startTimer' | 'stopTimer' | 'done' | 'dial' }>,
    p: Party,
  ): void {
    must(!p.gone || effect.type === 'refuseOffer', `${effect.type} for a leg that is gone (${p.id})`);
    const free = p.asked === 'nothing';
    switch (effect.type) {
      case 'ring':
        must(p.index === 0 && !p.answered && free, 'ring is for a caller not yet answered');
        if (effect.sdp !== null) this.sent(p, effect.sdp, null);
        return;
      case 'answer':
        must(p.index === 0 && !p.answered && free, 'a caller is answered once');
        return this.answerCaller(p, this.sent(p, effect.sdp, null));
      case 'reject':
        must(p.index === 0 && !p.answered && free, 'a caller is rejected before it is answered, once');
        must(effect.code >= 400 && effect.code < 700, 'a rejection is a failure');
        p.asked = 'reject';
        return;
      case 'cancel':
        must(p.index > 0 && !p.answered && free, 'only an unanswered INVITE of ours is cancelled, once');
        p.asked = 'cancel';
        return;
      case 'bye':
        return this.bye(p);
      case 'ack':
        must(p.answered && p.awaitsAck && free, 'an ACK with a body answers an offer in a 2xx, once');
        p.awaitsAck = false;
        p.ours = this.sent(p, effect.sdp, p.streams);
        return;
      case 'reoffer':
        return this.reoffer(p, effect.sdp);
      case 'acceptOffer':
      case 'refuseOffer':
        return this.answerOffer(p, effect);
    }
  }

  private answerCaller(p: Party, sent: Shown): void {
    p.answered = true;
    if (p.phase !== 'over') p.phase = 'up';
    if (p.theirs === null) p.owesAck = sent;
    else {
      must(sent.streams === p.streams, 'an answer has the streams of its offer');
      p.ours = sent;
    }
  }

  private bye(p: Party): void {
    const late = p.asked === 'cancel' && this.event?.type === 'answered' && this.event.leg === p.id;
    must((p.answered && p.asked === 'nothing') || late, `BYE ends a dialog, once (${p.id})`);
    must(p.own === null || !p.own.seen, 'a re-INVITE is answered before the BYE (RFC 3261 15.1.2)');
    if (p.index === 1 && !p.dead)
      must(this.story.plan === null || this.story.bridged, 'the bot is kept until bridged or the verdict');
    p.asked = 'bye';
  }

  private reoffer(p: Party, sdp: string): void {
    must(p.answered && p.asked === 'nothing', 're-INVITE inside a dialog only');
    must(p.reoffer === null || p.phase === 'over', 'one open offer of ours per dialog');
    must(!this.openReoffers.has(p.id), 'one open offer of ours per dialog, until its answer is read');
    must(p.own === null || !p.own.seen, 'no offer of ours while theirs waits for an answer');
    must(p.owesAck === null && !p.awaitsAck, 'no offer of ours before the ACK of the last one');
    p.before = p.current;
    const sent = this.sent(p, sdp, null);
    must(sent.streams >= p.streams, 'streams are never removed (RFC 3264 8)');
    const { event } = this;
    p.relayed = event?.type === 'offer' && event.leg !== p.id && this.offerAnswered !== event.offerId;
    this.openReoffers.add(p.id);
    if (p.phase !== 'over') p.reoffer = sent;
  }

  /** Re-INVITEs of ours whose answer the engine has not read yet. */
  private readonly openReoffers = new Set<LegId>();

  /** The last offer of theirs that was answered. */
  private offerAnswered = 0;

  private answerOffer(p: Party, effect: Extract<Effect, { type: 'acceptOffer' | 'refuseOffer' }>): void {
    const open = p.own?.seen === true && p.own.id === effect.offerId;
    this.offerAnswered = effect.offerId;
    must(open || p.phase === 'over', 'an offer is answered once, after it was made');
    if (effect.type === 'refuseOffer') {
      if (open) p.own = null;
      return;
    }
    must(p.asked === 'nothing', 'no offer is accepted on a leg let go');
    const sent = this.sent(p, effect.sdp, null);
    if (p.own === null) return;
    must(p.own.body === null || sent.streams === p.own.streams, 'an answer has the streams of its offer');
    must(p.own.body !== null || sent.streams >= p.streams, 'streams are never removed (RFC 3264 8)');
    p.accepted(sent);
  }

  /** Checks a body of ours against the ones before it on this leg (RFC 3264 8, RFC 4566 5.2). */
  private sent(p: Party, text: string, streams: number | null): Shown {
    const shown = readBody(text);
    must(typeof shown !== 'string', `a body of ours is whole (${p.id}: ${text})`);
    if (p.current === null) p.sessionId = shown.sessionId;
    must(shown.sessionId === p.sessionId, 'one o= session id per leg');
    for (const other of this.parties)
      must(other === p || other.sessionId !== shown.sessionId, 'no two legs share an o= session id');
    if (text !== p.current) {
      must(shown.version === p.version + 1, 'a changed body has the next o= version');
      p.version = shown.version;
    }
    if (streams !== null) must(shown.streams === streams, 'an answer has the streams of its offer');
    p.current = text;
    return shown;
  }

  private after(event: CallEvent, from: Party | null, relayed: boolean): void {
    if (event.type === 'reofferRefused' && !relayed) this.glared(event.leg, event.refusal.code);
    if (from === null) return;
    if (event.type === 'answered' && from.asked === 'cancel')
      must(false, 'a target that answers after we gave up gets a BYE');
    if (from.index === 0 && (from.gone || from.dead))
      must(this.story.ended, 'a caller that left ends the call');
  }

  private glared(leg: LegId, code: number): void {
    const p = this.party(leg);
    if (code !== 491 || p.asked !== 'nothing' || p.glares > 5) return;
    must(this.timers.includes(`glare:${leg}`), 'a glare is tried again (RFC 3261 14.1)');
  }

  private check(): void {
    this.story.check();
    this.checkLedger();
    if (this.done) return this.finish();
    this.checkTargets();
    this.checkCaller();
  }

  private checkLedger(): void {
    let legs = 0;
    for (const p of this.parties) if (!p.gone) legs += 1;
    must(this.call.legs.size === legs, 'the ledger of legs is the truth');
    must(this.call.timers.size === this.timers.length, 'the ledger of timers is the truth');
    for (const timer of this.timers) must(this.call.timers.has(timer), 'the ledger of timers is the truth');
    must(!this.story.ended || this.timers.length === 0, 'no timer outlives the call');
    const { timers, story } = this;
    if (timers.length > 0 && story.plan === null)
      must(
        !timers.includes('ring') && !timers.includes('retry') && !timers.includes('alone'),
        'no timer of a transfer outlives its verdict',
      );
  }

  private checkTargets(): void {
    let targets = 0;
    for (const p of this.parties) {
      if (p.index === 0 || p.gone || p.asked !== 'nothing') continue;
      if (p.index > 1) targets += 1;
      if (!p.answered)
        must(
          this.timers.includes('ring') || this.timers.includes('setup'),
          'a leg that rings has a time limit',
        );
      if (this.story.ended) must(false, `everybody is let go when the call ends (${p.id})`);
    }
    must(targets <= 1, 'one target at a time');
    if (targets === 1) must(this.story.plan !== null, 'no target is kept after the verdict');
  }

  /** True while something is on its way that the engine waits for. */
  private pending(): boolean {
    for (const p of this.parties) {
      if (p.queue.length > 0) return true;
      if (p.reoffer !== null && p.asked === 'nothing') return true;
    }
    return false;
  }

  /** The heart of it: the caller has somewhere to be (DESIGN 3, invariant 3). */
  private checkCaller(): void {
    const { caller } = this;
    if (this.pending()) return;
    for (const p of this.parties)
      if (p.own?.seen === true) must(false, `a re-INVITE of theirs is answered (${p.id})`);
    for (const p of this.parties)
      if (p.awaitsAck && p.live && caller.answered)
        must(this.waits(caller), `an answer with an offer is ACKed (${p.id})`);
    if (!caller.answered || caller.asked !== 'nothing' || caller.gone || caller.phase !== 'up') return;
    if (this.waits(caller)) return;
    const partner = caller.ours === null ? undefined : this.parties[caller.ours.party];
    if (partner !== undefined && partner !== caller && partner.live && this.flows(caller, partner)) return;
    for (const p of this.parties) if (p.live && this.waits(p)) return;
    must(this.timers.includes('alone'), 'the caller is never left in silence');
  }

  private waits(p: Party): boolean {
    return this.timers.includes(`glare:${p.id}`) || this.timers.includes(`ack:${p.id}`);
  }

  /** Caller and partner hear each other, as far as both want to. */
  flows(a: Party, b: Party): boolean {
    return carries(a, b) && carries(b, a);
  }

  private finish(): void {
    this.story.finish();
    must(this.call.state.phase === 'ended', 'done is the end');
    for (const p of this.parties)
      must(p.phase === 'over' && p.queue.length === 0, `every leg is closed (${p.id})`);
    must(this.timers.length === 0, 'no timer is left');
  }

  private note(what: string, detail: unknown): void {
    this.log?.push(`${what} ${JSON.stringify(detail)}`);
  }
}

const usable = (sdp: string | null): boolean => sdp !== null && !BROKEN.includes(sdp);

/** What `a` says reaches `b`'s current address, or somebody does not want it to. */
function carries(a: Party, b: Party): boolean {
  if ((a.wish & SEND) === 0 || (b.wish & RECV) === 0) return true;
  if (a.theirs === null || b.theirs === null || a.ours === null || b.ours === null) return false;
  return (
    (a.theirs.dir & SEND) !== 0 &&
    (a.ours.dir & RECV) !== 0 &&
    (b.theirs.dir & RECV) !== 0 &&
    (b.ours.dir & SEND) !== 0 &&
    a.ours.party === b.index &&
    a.ours.move === b.theirs.move
  );
}
