import type { BotEvent } from '../domain/bot-event.js';
import type { Call } from '../domain/call.js';
import type { CallEvent } from '../domain/call-event.js';
import type { Effect, TimerName } from '../domain/effect.js';
import type { LegId } from '../domain/ids.js';
import { step, type Step } from '../domain/step.js';
import type { LadderEntry, LadderTap } from '../ports/ladder.js';
import type { LegListener, LegPort } from '../ports/signalling.js';
import { DEADLINES } from './deadlines.js';
import { performOnLeg } from './leg-effects.js';
import type { EngineParts } from './parts.js';

/** Messages kept per call: enough for many transfers, bounded for a phone that re-INVITEs for ever. */
const MAX_LADDER = 1000;

/** Whom a runner tells: the engine. */
export interface RunnerOwner {
  tell(runner: CallRunner, event: BotEvent): void;
  ended(runner: CallRunner): void;
}

/**
 * One call's mailbox (R3): events are taken one at a time, in the order they came; effects run after the step that
 * asked for them, and what they bring about comes back as events. Nothing in here waits.
 */
export class CallRunner {
  readonly startedAt: number;
  readonly ladder: LadderEntry[] = [];
  private readonly legs = new Map<LegId, LegPort>();
  private readonly timers = new Map<TimerName, () => void>();
  private readonly mailbox: CallEvent[] = [];
  private busy = false;
  private overdue: (() => void) | null = null;

  constructor(
    private current: Call,
    private readonly parts: EngineParts,
    private readonly owner: RunnerOwner,
  ) {
    this.startedAt = parts.clock.now();
  }

  get call(): Call {
    return this.current;
  }

  /** Runs the first step, with the caller's leg already there. */
  begin(caller: LegPort, first: Step): void {
    this.legs.set('caller', caller);
    this.parts.metrics.legOpened();
    this.run(() => this.take(first));
  }

  post(event: CallEvent): void {
    this.mailbox.push(event);
    this.run(() => undefined);
  }

  /** What a leg tells, by name. */
  listener(leg: LegId): LegListener {
    return (event) => this.post(event.type === 'lost' ? { type: 'signallingLost' } : { ...event, leg });
  }

  tap(leg: LegId): LadderTap {
    return (direction, text, sdp, peer) => {
      if (this.ladder.length < MAX_LADDER)
        this.ladder.push({ at: this.parts.clock.now(), leg, direction, text, sdp, peer });
    };
  }

  sipCallId(leg: LegId): string | null {
    return this.legs.get(leg)?.sipCallId ?? null;
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
    if (from !== to) {
      this.parts.log.debug({ callId: next.id, from, to }, 'call phase');
      if (to === 'ending')
        this.overdue = this.parts.clock.after(DEADLINES.teardownMs, () => this.giveUpTeardown());
    }
    for (const what of ignored) this.countIgnored(what);
    for (const effect of effects) this.perform(effect);
  }

  private countIgnored(what: string): void {
    const [phase = '', event = ''] = what.split('/');
    this.parts.metrics.ignored(phase, event);
  }

  private perform(effect: Effect): void {
    switch (effect.type) {
      case 'tell':
        return this.owner.tell(this, effect.event);
      case 'dial':
        this.parts.metrics.legOpened();
        this.legs.set(
          effect.leg,
          this.parts.signalling.dial(
            { target: effect.target, sdp: effect.sdp, tap: this.tap(effect.leg) },
            this.listener(effect.leg),
          ),
        );
        return;
      case 'startTimer':
        return this.startTimer(effect.timer, effect.ms);
      case 'stopTimer':
        return this.stopTimer(effect.timer);
      case 'done':
        return this.finish();
      default: {
        const leg = this.legs.get(effect.leg);
        if (leg !== undefined) performOnLeg(leg, effect);
      }
    }
  }

  private startTimer(timer: TimerName, ms: number | { from: number; to: number }): void {
    this.stopTimer(timer);
    const wait =
      typeof ms === 'number'
        ? ms
        : ms.from + Math.floor((this.parts.random.next() * (ms.to - ms.from)) / 10) * 10;
    const stop = this.parts.clock.after(wait, () => {
      this.timers.delete(timer);
      this.post({ type: 'timerFired', timer });
    });
    this.timers.set(timer, stop);
  }

  private stopTimer(timer: TimerName): void {
    this.timers.get(timer)?.();
    this.timers.delete(timer);
  }

  /** A leg never had its last word: named, counted and let go, so that one bad dialog cannot hold a call for ever. */
  private giveUpTeardown(): void {
    for (const [leg, state] of this.current.legs) {
      this.parts.metrics.leaked('leg');
      this.parts.log.error({ callId: this.current.id, leg, phase: state.phase }, 'leg did not close in time');
    }
    this.overdue = null;
    this.post({ type: 'signallingLost' });
  }

  private finish(): void {
    this.overdue?.();
    for (const timer of [...this.timers.keys()]) {
      this.parts.metrics.leaked('timer');
      this.stopTimer(timer);
    }
    for (let n = this.legs.size; n > 0; n -= 1) this.parts.metrics.legClosed();
    this.owner.ended(this);
  }
}
