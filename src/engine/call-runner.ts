import { isTerminal, type BotEvent } from '../domain/bot-event.js';
import type { Call } from '../domain/call.js';
import type { CallEvent } from '../domain/call-event.js';
import type { Effect } from '../domain/effect.js';
import type { LegId } from '../domain/ids.js';
import type { DialTarget } from '../domain/plan.js';
import { step, type Step } from '../domain/step.js';
import type { LadderEntry, LadderTap } from '../ports/ladder.js';
import type { LegEvent, LegPort } from '../ports/signalling.js';
import { callLog } from './call-log.js';
import { CallMedia } from './call-media.js';
import { CallMeter } from './call-meter.js';
import { CallTimers } from './call-timers.js';
import { Claim, keptBack } from './claim.js';
import { DEADLINES } from './deadlines.js';
import { performOnLeg } from './leg-effects.js';
import { LegMaker } from './leg-maker.js';
import { LegSlots, type Slot } from './leg-slots.js';
import type { EngineParts } from './parts.js';
import { PostDial } from './post-dial.js';
import type { RunnerOwner, RunnerSetup } from './runner-owner.js';

/**
 * One call's mailbox (R3): events are taken one at a time, in the order they came; effects run after the step that
 * asked for them, and what they bring about comes back as events. Nothing in here waits.
 */
export class CallRunner {
  readonly startedAt: number;
  readonly legs = new LegSlots();
  private readonly maker: LegMaker;
  private readonly timers: CallTimers;
  private readonly postDial: PostDial;
  private readonly meter: CallMeter;
  readonly media: CallMedia;
  private readonly parts: EngineParts;
  private readonly mailbox: CallEvent[] = [];
  private busy = false;
  private overdue: (() => void) | null = null;
  /** Gives back the place of the REFER that is under way, and waits no more for it; there is one at a time. */
  private endReferral: () => void = () => undefined;

  constructor(
    private current: Call,
    private readonly setup: RunnerSetup,
    parts: EngineParts,
    private readonly owner: RunnerOwner,
  ) {
    this.parts = { ...parts, log: callLog(parts.log, () => this.current) };
    this.startedAt = parts.clock.now();
    this.meter = new CallMeter(parts);
    this.timers = new CallTimers(parts, (timer) => this.post({ type: 'timerFired', timer }));
    this.postDial = new PostDial(parts.clock, (error) => {
      this.parts.log.warn({ error }, 'digits were not sent');
    });
    this.maker = new LegMaker(current.setup.media, parts, {
      heard: (slot, event) => this.heard(slot, event),
      media: (slot, event) => this.media.heard(slot, event),
    });
    this.media = new CallMedia(current, setup.recording, this.parts, {
      legs: this.legs,
      post: (event) => this.post(event),
      tell: (event) => owner.tell(this, event, null),
    });
  }

  get call(): Call {
    return this.current;
  }

  /** Runs the first step, with the caller's leg already there. */
  begin(first: Step): void {
    this.run(() => this.take(first));
  }

  post(event: CallEvent): void {
    this.mailbox.push(event);
    this.run(() => undefined);
  }

  /** A leg that is there before the call asked for it: the caller's, or one that replaces another. */
  receive(
    name: LegId,
    trunk: string | null,
    port: LegPort,
    sdp: string | null,
  ): { listener: (event: LegEvent) => void; tap: LadderTap } {
    const slot = this.maker.received(name, trunk, port, sdp);
    this.legs.add(slot);
    return this.maker.hears(slot);
  }

  /** A leg of another call goes on in this one. */
  adopt(slot: Slot, name: LegId): void {
    slot.name = name;
    slot.column = name;
    this.legs.add(slot);
    this.maker.adopt(slot);
  }

  /** What a leg tells, by whatever name it has by then. */
  private heard(slot: Slot, event: LegEvent): void {
    if (LAST_WORDS.has(event.type)) slot.leaveTrunk();
    for (const meant of this.owner.interpret(this, slot.name, event)) this.post(meant);
  }

  get ladder(): readonly LadderEntry[] {
    return this.maker.ladder;
  }

  /** Takes events until none is left; an effect that answers at once only adds to the mailbox. */
  private run(first: () => void): void {
    if (this.busy) return;
    this.busy = true;
    try {
      first();
      for (let event = this.mailbox.shift(); event !== undefined; event = this.mailbox.shift())
        this.take(step(this.current, event));
    } finally {
      this.busy = false;
    }
  }

  private take({ next, effects, ignored }: Step): void {
    const from = this.current.state.phase;
    this.current = next;
    const to = next.state.phase;
    if (from !== to) this.phaseChanged(from, to);
    for (const what of ignored) this.countIgnored(what);
    this.meter.follow(next, effects);
    for (const effect of effects) this.perform(effect);
    this.media.follow(next);
  }

  /** Max-Forwards of new legs (RFC 3261 16.6). */
  get maxForwards(): number {
    return this.setup.maxForwards;
  }

  private phaseChanged(from: string, to: string): void {
    this.parts.log.debug({ from, to }, 'call phase');
    if (to === 'withTarget' && 'leg' in this.current.state)
      this.postDial.send(this.legs.get(this.current.state.leg));
    if (to === 'ending')
      this.overdue ??= this.parts.clock.after(DEADLINES.teardownMs, () => this.giveUpTeardown());
  }

  private countIgnored(what: string): void {
    const [phase = '', event = ''] = what.split('/');
    this.parts.metrics.ignored(phase, event);
  }

  private perform(effect: Effect): void {
    switch (effect.type) {
      case 'tell':
        return this.tell(effect.event, effect.question);
      case 'dial':
        return this.dial(effect.leg, effect.target, effect.sdp);
      case 'refer':
        return this.refer(effect);
      case 'bridge':
      case 'join':
      case 'play':
      case 'hush':
        return this.media.perform(effect);
      case 'command':
        return this.post(this.owner.planned(this, effect.command));
      case 'startTimer':
        return this.timers.start(effect.timer, effect.ms);
      case 'stopTimer':
        return this.timers.stop(effect.timer);
      case 'swapLegs':
        return this.legs.swap(effect.a, effect.b);
      case 'learn':
        return this.owner.learn(effect.trunk, effect.takesRefer);
      case 'done':
        return this.finish();
      default: {
        const slot = this.legs.get(effect.leg);
        if (slot === undefined) return;
        // Given up: a target that is cancelled must not stand in the way of the next one.
        if (effect.type === 'cancel' || effect.type === 'bye') slot.leaveTrunk();
        performOnLeg(slot.port, effect);
      }
    }
  }

  private tell(event: BotEvent, question: number | null): void {
    if (event.type === 'transfer.attempt.ended' || isTerminal(event.type)) this.endReferral();
    this.owner.tell(this, event, question);
  }

  private refer(effect: Extract<Effect, { type: 'refer' }>): void {
    const { leg, referral, way, label } = effect;
    const port = this.legs.port(leg);
    const claim = new Claim(this.owner.hold(way.trunk, label));
    if (claim.refused === null) this.endReferral = claim.leave;
    claim.whenAnswered((place) => {
      if (!place.ok) return this.post({ type: 'referAnswered', leg, referral, refusal: keptBack(place) });
      this.endReferral = () => {
        claim.leave();
        port?.abandonRefer(referral);
      };
      if (port !== undefined) performOnLeg(port, effect);
    });
  }

  private dial(name: LegId, wanted: DialTarget, sdp: string | null): void {
    const { trunk } = wanted;
    const claim = new Claim(this.owner.hold(trunk, wanted.label));
    const { refused } = claim;
    if (refused !== null) return this.post({ type: 'refused', leg: name, refusal: keptBack(refused) });
    const hops: DialTarget['headers'] = [['Max-Forwards', String(this.setup.maxForwards)]];
    const target = { ...wanted, headers: [...wanted.headers, ...hops] };
    const slot = this.maker.dialled(name, target, sdp, this.setup.allows(trunk), claim);
    slot.leaveTrunk = claim.leave;
    this.legs.add(slot);
    if (wanted.postDial !== null) this.postDial.expect(slot, wanted.postDial);
  }

  /** A leg never had its last word: named, counted and let go, so that one bad dialog cannot hold a call for ever. */
  private giveUpTeardown(): void {
    this.parts.metrics.teardownOverdue();
    for (const [leg, state] of this.current.legs) {
      this.parts.metrics.leaked('leg');
      this.parts.log.error({ leg, phase: state.phase }, 'leg did not close in time');
    }
    this.post({ type: 'signallingLost' });
  }

  private finish(): void {
    this.overdue?.();
    this.postDial.stop();
    this.endReferral();
    for (const slot of this.legs.all()) {
      slot.leaveTrunk();
      slot.anchor?.letGo();
    }
    for (let left = this.timers.stopAll(); left > 0; left -= 1) this.parts.metrics.leaked('timer');
    this.meter.end();
    this.media.whenTold(() => this.owner.ended(this));
  }
}

/** After these a leg's far end is no longer there. */
const LAST_WORDS: ReadonlySet<LegEvent['type']> = new Set(['refused', 'hungUp', 'closed', 'lost']);
