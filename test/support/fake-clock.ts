import type { Clock } from '../../src/ports/clock.js';

interface Timer {
  readonly at: number;
  readonly order: number;
  readonly fire: () => void;
}

/** A clock that stands still until it is moved. Timers fire in the order of their time, then of their making. */
export class FakeClock implements Clock {
  private timers: Timer[] = [];
  private made = 0;

  constructor(private time = Date.parse('2026-01-01T00:00:00.000Z')) {}

  now(): number {
    return this.time;
  }

  after(ms: number, fire: () => void): () => void {
    const timer: Timer = { at: this.time + ms, order: this.made++, fire };
    this.timers.push(timer);
    return () => {
      this.timers = this.timers.filter((t) => t !== timer);
    };
  }

  /** Timers that wait. */
  get pending(): number {
    return this.timers.length;
  }

  /** Milliseconds until the next timer, `undefined` when none waits. */
  get nextIn(): number | undefined {
    const next = this.next();
    return next && next.at - this.time;
  }

  /** Moves time on, firing what falls due on the way, also timers set by timers. */
  advance(ms: number): void {
    const end = this.time + ms;
    for (let next = this.next(); next !== undefined && next.at <= end; next = this.next()) {
      const due = next;
      this.timers = this.timers.filter((t) => t !== due);
      this.time = Math.max(this.time, due.at);
      due.fire();
    }
    this.time = end;
  }

  private next(): Timer | undefined {
    let first: Timer | undefined;
    for (const t of this.timers) {
      if (first === undefined || t.at < first.at || (t.at === first.at && t.order < first.order)) first = t;
    }
    return first;
  }
}
