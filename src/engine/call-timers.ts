import type { TimerName } from '../domain/effect.js';
import type { Clock, Random } from '../ports/clock.js';
import type { DueTimer } from './snapshot/snapshot.js';

interface Running {
  readonly at: number;
  readonly stop: () => void;
}

/** The timers of one call: started and stopped by the domain, told when due. */
export class CallTimers {
  private readonly running = new Map<TimerName, Running>();

  constructor(
    private readonly parts: { readonly clock: Clock; readonly random: Random },
    private readonly fired: (timer: TimerName) => void,
  ) {}

  start(timer: TimerName, ms: number | { readonly from: number; readonly to: number }): void {
    this.stop(timer);
    const { clock, random } = this.parts;
    // Steps of 10 ms, as RFC 3261 14.1 has it.
    const wait =
      typeof ms === 'number' ? ms : ms.from + Math.floor((random.next() * (ms.to - ms.from)) / 10) * 10;
    const stop = clock.after(wait, () => {
      this.running.delete(timer);
      this.fired(timer);
    });
    this.running.set(timer, { at: clock.now() + wait, stop });
  }

  stop(timer: TimerName): void {
    this.running.get(timer)?.stop();
    this.running.delete(timer);
  }

  get due(): readonly DueTimer[] {
    return [...this.running].map(([timer, { at }]) => ({ timer, at }));
  }

  /** @returns how many were still running */
  stopAll(): number {
    const left = this.running.size;
    for (const { stop } of this.running.values()) stop();
    this.running.clear();
    return left;
  }
}
