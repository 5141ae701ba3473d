import type { CallId, EventId } from '../../../domain/ids.js';
import type { CallPage, Orphan } from '../../../ports/call-book.js';

export interface Waiter {
  readonly done: (result: 'written' | 'lost') => void;
  readonly failed: (error: Error) => void;
}

/** What one write carries; what it carries of the entry counts as clean until it fails. */
export interface Job {
  /** Redis has nothing to add it to: not this call, nor that it is this engine's. */
  readonly whole: boolean;
  readonly tenure: number;
  /** JSON of the state; `null`: the call is over; `undefined`: as it was. */
  readonly state: string | null | undefined;
  readonly events: readonly (readonly [EventId, string])[];
  readonly settled: readonly EventId[];
  readonly waiters: readonly Waiter[];
}

/** One call of this engine: its newest page, and what of it Redis does not have yet. */
export class Entry {
  /** `undefined`: given up; Redis has an older one, or none. */
  private state: string | null | undefined;
  private stateNew = false;
  /** Redis has nothing, or nothing that can be relied on. */
  private whole = true;
  /** JSON of what is not settled, in the order it was told. */
  private readonly unsettled = new Map<EventId, string>();
  private readonly unwritten = new Set<EventId>();
  private readonly settledInRedis = new Set<EventId>();
  private underWay: ReadonlySet<EventId> = new Set();
  private waiters: Waiter[] = [];
  private unwrittenChars = 0;

  constructor(
    readonly callId: CallId,
    private tenure: number,
  ) {}

  /** A call just claimed: Redis has everything of it. */
  static claimed({ callId, tenure, state, unsettled }: Orphan): Entry {
    const entry = new Entry(callId, tenure);
    entry.state = state;
    entry.whole = false;
    for (const event of unsettled) entry.unsettled.set(event.id, JSON.stringify(event));
    return entry;
  }

  /** Characters that wait for Redis. */
  get waiting(): number {
    return this.unwrittenChars + (this.stateNew ? (this.state?.length ?? 0) : 0);
  }

  /** Events that wait for Redis. */
  get waitingEvents(): number {
    return this.unwritten.size;
  }

  get dirty(): boolean {
    // What was given up is whole again with the next page.
    if (this.state === undefined) return false;
    return this.stateNew || this.whole || this.unwritten.size > 0 || this.settledInRedis.size > 0;
  }

  /** Is there nothing more to tell: not of its state, nor of its events. */
  get isOver(): boolean {
    return this.state === null && this.unsettled.size === 0 && !this.dirty;
  }

  isNewerThan(page: CallPage): boolean {
    return this.tenure > page.tenure;
  }

  take(page: CallPage, waiter: Waiter): void {
    this.tenure = page.tenure;
    this.state = page.state;
    this.stateNew = true;
    for (const event of page.events) {
      if (this.unsettled.has(event.id)) continue;
      const json = JSON.stringify(event);
      this.unsettled.set(event.id, json);
      this.unwritten.add(event.id);
      this.unwrittenChars += json.length;
    }
    this.waiters.push(waiter);
  }

  /** Returns whether there was such an event. */
  settle(event: EventId): boolean {
    if (!this.unsettled.has(event)) return false;
    const neverSent = this.unwritten.has(event) && !this.underWay.has(event);
    this.wrote([event]);
    this.unsettled.delete(event);
    if (!neverSent) this.settledInRedis.add(event);
    return true;
  }

  /** Everything is to be written again, as if Redis had nothing. */
  startOver(): void {
    this.whole = true;
  }

  /** What is to be written now, or `null`. Ends with {@link finish}, or {@link restore}. */
  job(): Job | null {
    if (!this.dirty) return null;
    const { whole, tenure } = this;
    const ids = whole ? this.unsettled.keys() : this.unwritten;
    const job = {
      ...{ whole, tenure },
      state: whole || this.stateNew ? this.state : undefined,
      events: [...ids].map((id) => [id, this.unsettled.get(id) ?? ''] as const),
      settled: whole ? [] : [...this.settledInRedis],
      waiters: this.waiters,
    };
    this.underWay = new Set(job.events.map(([id]) => id));
    this.waiters = [];
    this.stateNew = this.whole = false;
    this.settledInRedis.clear();
    return job;
  }

  finish({ events, waiters }: Job): void {
    this.underWay = new Set();
    this.wrote(events.map(([id]) => id));
    for (const { done } of waiters) done('written');
  }

  /** The write was not carried out, or nobody knows: it is to be written again with what came since. */
  restore({ whole, state, settled, waiters }: Job): void {
    this.underWay = new Set();
    if (whole) this.whole = true;
    if (state !== undefined) this.stateNew = true;
    for (const id of settled) this.settledInRedis.add(id);
    this.waiters = [...waiters, ...this.waiters];
  }

  /** Another engine has the call. */
  lose(): void {
    for (const { done } of this.waiters.splice(0)) done('lost');
  }

  /** Forgets what waits. That a call is over costs nothing to remember, and is never forgotten. */
  giveUp(error: Error): void {
    for (const id of this.unwritten) this.unsettled.delete(id);
    this.unwritten.clear();
    this.unwrittenChars = 0;
    if (this.state !== null) {
      this.state = undefined;
      this.stateNew = false;
      this.whole = true;
    }
    for (const { failed } of this.waiters.splice(0)) failed(error);
  }

  private wrote(ids: readonly EventId[]): void {
    for (const id of ids)
      if (this.unwritten.delete(id)) this.unwrittenChars -= this.unsettled.get(id)?.length ?? 0;
  }
}
