import type { CallId, EventId } from '../../../domain/ids.js';
import type { CallPage, Orphan } from '../../../ports/call-book.js';
import { ReplyError } from 'ioredis';
import { isRefusal, messageOf } from '../failures.js';
import type { Link } from '../link.js';
import { NoAnswer, within } from '../within.js';
import { Entry, type Job } from './entry.js';
import { callsKey, ENGINES_KEY, pageKey, unsettledKey } from './keys.js';
import type { BookDeadlines, BookLimits, RedisBookOptions } from './options.js';
import { WRITE } from './scripts.js';

export interface PageWriterParts extends Pick<RedisBookOptions, 'clock' | 'log' | 'metrics' | 'engine'> {
  readonly link: BookLink;
  /** Another engine has the call. */
  readonly lost: (call: CallId) => void;
}

export type BookLink = Pick<
  Link,
  'start' | 'commands' | 'isReady' | 'ready' | 'whenConnected' | 'ask' | 'reset' | 'stop' | 'unavailable'
>;

const STOPPED = 'the engine stopped';

/**
 * The calls of this engine on their way to Redis. Of one call one write is under way at a time, and what comes
 * meanwhile goes with the next; a write that got no answer is sent again, and twice is as good as once.
 */
export class PageWriter {
  private readonly entries = new Map<CallId, Entry>();
  /** To be written, in the order they came. */
  private readonly queue = new Set<Entry>();
  private readonly underWay = new Set<Entry>();
  private readonly settling = new Set<Entry>();
  private waiting = 0;
  private pausing = false;
  private closed = false;
  private whenIdle: (() => void)[] = [];

  constructor(
    private readonly parts: PageWriterParts,
    private readonly deadlines: BookDeadlines,
    private readonly limits: BookLimits,
  ) {}

  get calls(): number {
    return this.entries.size;
  }

  has(call: CallId): boolean {
    return this.entries.has(call);
  }

  save(page: CallPage): Promise<'written' | 'lost'> {
    if (this.closed) return Promise.reject(this.parts.link.unavailable(STOPPED));
    const entry = this.entries.get(page.callId) ?? new Entry(page.callId, page.tenure);
    if (entry.isNewerThan(page)) return Promise.resolve('lost');
    this.entries.set(page.callId, entry);
    return new Promise((done, failed) => {
      this.change(entry, () => entry.take(page, { done, failed }));
      this.queue.add(entry);
      this.keepBound();
      this.pump();
    });
  }

  settled(call: CallId, event: EventId): void {
    const entry = this.entries.get(call);
    if (entry === undefined || !this.change(entry, () => entry.settle(event))) return;
    if (this.settling.size === 0) this.parts.clock.after(this.deadlines.settleMs, () => this.writeSettled());
    this.settling.add(entry);
  }

  claimed(orphan: Orphan): void {
    this.entries.set(orphan.callId, Entry.claimed(orphan));
  }

  /** Redis may have lost anything, or given it to others. */
  writeAllAgain(): void {
    for (const entry of this.entries.values()) {
      entry.startOver();
      this.queue.add(entry);
    }
    this.pump();
  }

  /** Tries for a while to write what waits; names what it could not. */
  async close(): Promise<void> {
    this.writeSettled();
    await within(this.parts.clock, this.deadlines.closeMs, this.idle()).catch(() => undefined);
    this.closed = true;
    // What is under way is written, or named when its connection ends.
    for (const entry of this.queue) if (!this.underWay.has(entry)) this.giveUp(entry, STOPPED);
  }

  private idle(): Promise<void> {
    if (this.queue.size + this.underWay.size === 0) return Promise.resolve();
    return new Promise((resume) => this.whenIdle.push(resume));
  }

  private writeSettled(): void {
    for (const entry of this.settling) this.queue.add(entry);
    this.settling.clear();
    this.pump();
  }

  private pump(): void {
    if (this.pausing || this.closed) return;
    if (this.queue.size > 0 && !this.parts.link.isReady) return this.pause(0);
    for (const entry of this.queue) {
      if (this.underWay.size >= this.limits.atOnce) return;
      if (this.underWay.has(entry)) continue;
      this.queue.delete(entry);
      const job = this.change(entry, () => entry.job());
      if (job !== null) void this.carryOut(entry, job);
    }
    if (this.queue.size + this.underWay.size === 0) for (const resume of this.whenIdle.splice(0)) resume();
  }

  private async carryOut(entry: Entry, job: Job): Promise<void> {
    this.underWay.add(entry);
    try {
      const answer = await within(this.parts.clock, this.deadlines.writeMs, this.write(entry, job));
      this.underWay.delete(entry);
      this.change(entry, () => this.answered(entry, job, answer));
    } catch (error) {
      this.underWay.delete(entry);
      this.change(entry, () => entry.restore(job));
      this.failed(entry, error);
    }
    this.pump();
  }

  private async write({ callId }: Entry, job: Job): Promise<unknown> {
    const { link, engine } = this.parts;
    if (job.whole) await this.list(callId);
    return WRITE.run(
      link.commands,
      [pageKey(callId), unsettledKey(callId)],
      [
        ...[engine, job.tenure, job.whole ? 'whole' : 'part'],
        ...(job.state === undefined ? ['keep', ''] : job.state === null ? ['over', ''] : ['live', job.state]),
        ...[this.deadlines.rememberMs, job.events.length, ...job.events.flat(), ...job.settled],
      ],
    );
  }

  /** A call that cannot be found by its engine, or an engine nobody knows of, would be nobody's if we died now. */
  private async list(call: CallId): Promise<void> {
    const { commands } = this.parts.link;
    const { engine } = this.parts;
    await Promise.all([commands.sadd(callsKey(engine), call), commands.sadd(ENGINES_KEY, engine)]);
  }

  private answered(entry: Entry, job: Job, answer: unknown): void {
    if (answer === 'lost' || answer === 'missing') {
      entry.restore(job);
      if (answer === 'lost') return this.lose(entry);
      entry.startOver();
    } else {
      entry.finish(job);
      if (entry.isOver && answer === 'over') return this.forget(entry);
      // Events of a time we know nothing of.
      if (entry.isOver) entry.startOver();
    }
    if (entry.dirty && !this.settling.has(entry)) this.queue.add(entry);
  }

  private lose(entry: Entry): void {
    this.forget(entry);
    entry.lose();
    this.parts.lost(entry.callId);
  }

  private forget(entry: Entry): void {
    const { link, clock, engine } = this.parts;
    this.entries.delete(entry.callId);
    this.queue.delete(entry);
    this.settling.delete(entry);
    // Whoever finds it listed after all finds nothing to take.
    within(clock, this.deadlines.writeMs, link.commands.srem(callsKey(engine), entry.callId)).catch(
      () => undefined,
    );
  }

  private failed(entry: Entry, error: unknown): void {
    if (this.closed) return this.giveUp(entry, STOPPED);
    if (isRefusal(error)) return this.giveUp(entry, messageOf(error));
    this.queue.add(entry);
    // What was sent on this connection may be carried out yet; on a new one it is sent again.
    if (error instanceof NoAnswer) this.parts.link.reset();
    const { firstMs, longestMs } = this.deadlines.retry;
    this.pause(error instanceof ReplyError ? longestMs : firstMs);
  }

  private pause(ms: number): void {
    if (this.pausing) return;
    this.pausing = true;
    const resume = (): void => {
      this.pausing = false;
      this.pump();
    };
    void this.parts.link.ready().then(() => (ms === 0 ? resume() : this.parts.clock.after(ms, resume)));
  }

  /** The oldest goes first; what was sent may have been written, and is not called lost. */
  private keepBound(): void {
    for (const entry of this.queue) {
      if (this.waiting <= this.limits.waiting) return;
      if (!this.underWay.has(entry) && entry.waiting > 0) this.giveUp(entry, 'too much waits for the store');
    }
  }

  private giveUp(entry: Entry, why: string): void {
    const { log, metrics, link } = this.parts;
    metrics.storeWriteLost('page');
    const fields = { callId: entry.callId, events: entry.waitingEvents, why };
    log.error(fields, 'a page of the call book was given up');
    this.change(entry, () => entry.giveUp(link.unavailable(`the page was not written: ${why}`)));
  }

  /** Whatever is done to an entry, how much waits is known afterwards. */
  private change<T>(entry: Entry, act: () => T): T {
    const before = entry.waiting;
    const result = act();
    this.waiting += entry.waiting - before;
    return result;
  }
}
