import type { EventId } from '../../domain/ids.js';
import type { PublishedEvent } from '../../ports/bot-runtime.js';

interface Logged {
  readonly cursor: string;
  readonly event: PublishedEvent;
}

/**
 * A ring of the newest events. Cursors look like those of a Redis stream, `<ms>-<n>`: `ms` is when this log began,
 * so a cursor kept over a restart is recognised as foreign and answered with everything there is, not with a gap.
 */
export class EventLog {
  private readonly ring: PublishedEvent[] = [];
  /** Numbers of the events in the ring. */
  private readonly numbers = new Map<EventId, number>();
  /** Number of events ever appended; event `n` (1-based) stands at `(n - 1) % capacity`. */
  private count = 0;

  constructor(
    private readonly capacity: number,
    private readonly begunAt: number,
  ) {}

  /** An event that is in the ring is not appended again. */
  append(event: PublishedEvent): string {
    const known = this.numbers.get(event.id);
    if (known !== undefined) return this.cursor(known);
    const place = this.count % this.capacity;
    const oldest = this.ring[place];
    if (oldest !== undefined) this.numbers.delete(oldest.id);
    this.ring[place] = event;
    this.count += 1;
    this.numbers.set(event.id, this.count);
    return this.cursor(this.count);
  }

  last(): string | undefined {
    return this.count === 0 ? undefined : this.cursor(this.count);
  }

  readAfter(cursor: string | undefined, limit: number): Logged[] {
    const oldest = Math.max(0, this.count - this.capacity);
    const from = Math.max(this.position(cursor), oldest);
    const to = Math.min(this.count, from + limit);
    const found: Logged[] = [];
    for (let n = from + 1; n <= to; n += 1) {
      const event = this.ring[(n - 1) % this.capacity];
      if (event !== undefined) found.push({ cursor: this.cursor(n), event });
    }
    return found;
  }

  private cursor(n: number): string {
    return `${this.begunAt}-${n}`;
  }

  /** Number of the event the cursor stands for; 0 when it is none of ours. */
  private position(cursor: string | undefined): number {
    const [begunAt, n] = cursor?.split('-') ?? [];
    const position = Number(n);
    if (begunAt !== String(this.begunAt) || !Number.isSafeInteger(position)) return 0;
    return position >= 0 && position <= this.count ? position : 0;
  }
}
