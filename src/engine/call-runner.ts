import { isTerminal, type BotEvent } from '../domain/bot-event.js';
import type { Call } from '../domain/call.js';
import type { CallEvent } from '../domain/call-event.js';
import type { Effect } from '../domain/effect.js';
import type { LegId } from '../domain/ids.js';
import { step, type Step } from '../domain/step.js';
import type { LadderEntry, LadderTap } from '../ports/ladder.js';
import type { LegEvent, LegPort } from '../ports/signalling.js';
import { callLog } from './call-log.js';
import { CallMedia } from './call-media.js';
import { CallMeter } from './call-meter.js';
import { CallTimers } from './call-timers.js';
import { performOnLeg } from './leg-effects.js';
import { LegMaker } from './leg-maker.js';
import { hangUpLeft, leaveLeg } from './left-behind.js';
import { LegSlots, type Slot } from './leg-slots.js';
import type { EngineParts } from './parts.js';
import { PostDial } from './post-dial.js';
import { Requests, type RequestsOwner } from './requests.js';
import type { RunnerOwner, RunnerSetup } from './runner-owner.js';
import type { DueTimer } from './snapshot/snapshot.js';
import { Teardown } from './teardown.js';

/**
 * One call's mailbox (R3): events are taken one at a time, in the order they came; effects run after the step that
 * asked for them, and what they bring about comes back as events. Nothing in here waits.
 */
export class CallRunner {
  readonly startedAt: number;
  readonly legs = new LegSlots();
  readonly maker: LegMaker;
  readonly timers: CallTimers;
  private readonly postDial: PostDial;
  private readonly meter: CallMeter;
  readonly media: CallMedia;
  private readonly parts: EngineParts;
  private readonly mailbox: CallEvent[] = [];
  private busy = false;
  private waits = false;
  private readonly teardown: Teardown;
  private readonly requests: Requests;

  constructor(
    private current: Call,
    private readonly setup: RunnerSetup,
    parts: EngineParts,
    private readonly owner: RunnerOwner,
  ) {
    this.parts = { ...parts, log: callLog(parts.log, () => this.current) };
    this.startedAt = setup.startedAt ?? parts.clock.now();
    this.meter = new CallMeter(parts);
    this.teardown = new Teardown(this.parts, () => this.post({ type: 'signallingLost' }));
    this.timers = new CallTimers(parts, (timer) => this.post({ type: 'timerFired', timer }));
    this.postDial = new PostDial(parts.clock, (error) => {
      this.parts.log.warn({ error }, 'digits were not sent');
    });
    this.maker = new LegMaker(current.setup.media, parts, {
      heard: (slot, event) => this.heard(slot, event),
      media: (slot, event) => this.media.heard(slot, event),
      responded: (slot, header) => owner.responded(this, slot.name, header),
    });
    const { legs, maker, postDial } = this;
    const post = (event: CallEvent): void => this.post(event);
    const hold: RequestsOwner['hold'] = (trunk, target) => owner.hold(this, trunk, target);
    this.requests = new Requests({ legs, maker, postDial, setup, hold, post });
    const tell = (event: BotEvent): void => this.tellBeside(event);
    this.media = new CallMedia(current, setup.recording, this.parts, { legs, post, tell });
  }

  get call(): Call {
    return this.current;
  }

  /** Runs the first step, with the caller's leg already there. */
  begin(first: Step): void {
    this.run(first);
  }

  /** From now on what happens waits in the mailbox, until {@link goOn}. */
  wait(): void {
    this.waits = this.busy = true;
  }

  /** Whether the call is still being taken over from an engine that is gone. */
  get isWaiting(): boolean {
    return this.waits;
  }

  /** Runs the first step of a call that was another engine's, with the timers it had then. */
  goOn(first: Step, timers: readonly DueTimer[]): void {
    const now = this.parts.clock.now();
    for (const { timer, at } of timers) this.timers.start(timer, Math.max(0, at - now));
    this.waits = this.busy = false;
    this.run(first);
    if (this.current.state.phase === 'ending') this.teardown.begin(() => this.current);
  }

  /** The call is another engine's by now: nothing is asked of its legs any more, and nothing told. */
  abandon(): void {
    this.busy = true;
    this.mailbox.length = 0;
    for (const { name, port } of this.legs.all()) leaveLeg(port, this.current.legs.get(name)?.phase);
    this.release();
    this.timers.stopAll();
  }

  post(event: CallEvent): void {
    this.mailbox.push(event);
    this.run(null);
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
    slot.heard(event);
    for (const meant of this.owner.interpret(this, slot.name, event)) this.post(meant);
  }

  get ladder(): readonly LadderEntry[] {
    return this.maker.ladder;
  }

  /** Takes events until none is left; an effect that answers at once only adds to the mailbox. */
  private run(first: Step | null): void {
    if (this.busy) return;
    this.busy = true;
    try {
      if (first !== null) this.take(first);
      for (let event = this.mailbox.shift(); event !== undefined; event = this.mailbox.shift())
        this.take(step(this.current, event));
    } finally {
      this.busy = false;
    }
    this.owner.ran(this);
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
    if (to === 'ending') this.teardown.begin(() => this.current);
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
        return this.requests.dial(effect);
      case 'refer':
        return this.requests.refer(effect);
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
    if (event.type === 'transfer.attempt.ended' || isTerminal(event.type)) this.requests.endReferral();
    this.owner.tell(this, event, question);
  }

  /** What media has to tell, whether or not something else happens just now. */
  private tellBeside(event: BotEvent): void {
    this.owner.tell(this, event, null);
    if (!this.busy) this.owner.ran(this);
  }

  private finish(): void {
    hangUpLeft(this.parts.clock, this.legs.all());
    this.release();
    for (let left = this.timers.stopAll(); left > 0; left -= 1) this.parts.metrics.leaked('timer');
    this.media.whenTold(() => this.owner.ended(this));
  }

  /** Whatever the call took is given back. */
  private release(): void {
    this.teardown.done();
    this.postDial.stop();
    this.requests.endReferral();
    for (const slot of this.legs.all()) {
      slot.leaveTrunk();
      slot.anchor?.letGo();
    }
    this.meter.end();
  }
}
