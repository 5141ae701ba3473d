import type { PutResult } from '../../ports/store.js';
import type { TransferRecord } from '../../ports/transfer-record.js';
import { isRefusal, messageOf } from './failures.js';
import type { EventLog } from './event-log.js';
import type { Link } from './link.js';
import type { RedisDeadlines, RedisLimits, RedisStoreOptions } from './options.js';
import type { TransferTable } from './transfer-table.js';
import { NoAnswer, within } from './within.js';
import { WriteQueue, type Waiting } from './write-queue.js';

interface RecordWrite extends Waiting {
  /** When it came, ms since the epoch. */
  readonly since: number;
  readonly kind: 'record';
  readonly record: TransferRecord;
  readonly done: (result: PutResult) => void;
  readonly failed: (error: Error) => void;
}

interface EventWrite extends Waiting {
  readonly since: number;
  readonly kind: 'event';
  readonly id: string;
  readonly json: string;
  readonly done: (cursor: string) => void;
  readonly failed: (error: Error) => void;
}

export type Write = RecordWrite | EventWrite;

/** Writes sent at once. */
const BATCH = 128;

/** One round trip: writes that stand or fall together, and how to tell them. */
interface Job {
  readonly numbers: readonly number[];
  readonly run: () => Promise<() => void>;
}

export interface WriterParts extends Pick<RedisStoreOptions, 'clock' | 'log' | 'metrics'> {
  readonly link: Link;
  readonly table: TransferTable;
  readonly events: EventLog;
}

/**
 * Carries out writes in the order they came, each once, however often Redis goes away: a batch is sent again until it
 * is answered, and what Redis already has it recognises (records by revision, events by id).
 */
export class Writer {
  private readonly queue: WriteQueue<Write>;
  private running = false;
  private closed = false;
  private waiting: { readonly upTo: number; readonly resume: () => void }[] = [];

  constructor(
    private readonly parts: WriterParts,
    private readonly deadlines: RedisDeadlines,
    limits: RedisLimits,
  ) {
    this.queue = new WriteQueue(limits);
  }

  get backlog(): number {
    return this.queue.size;
  }

  /** How long the oldest write has been waiting. */
  get lateMs(): number {
    const { first } = this.queue;
    return first === undefined ? 0 : this.parts.clock.now() - first.since;
  }

  add(write: Write): void {
    if (this.closed) return this.giveUp([write], 'the store is closed');
    this.giveUp(this.queue.add(write), 'too much waits for the store');
    this.parts.metrics.storeBacklog(this.queue.size);
    void this.run();
  }

  /** Resolves when everything added before is carried out or given up. */
  caughtUp(): Promise<void> {
    const upTo = this.queue.newest;
    if (this.queue.oldest > upTo) return Promise.resolve();
    return new Promise((resume) => this.waiting.push({ upTo, resume }));
  }

  /** Tries for a while to carry out what waits; names what it could not. */
  async close(): Promise<void> {
    await within(this.parts.clock, this.deadlines.closeMs, this.caughtUp()).catch(() => undefined);
    this.closed = true;
    this.giveUp(this.queue.removeAll(), 'the engine stopped while the store was away');
    this.progress();
  }

  private async run(): Promise<void> {
    if (this.running) return;
    this.running = true;
    let pauseMs = this.deadlines.retry.firstMs;
    while (this.queue.size > 0 && !this.closed) {
      await this.parts.link.ready();
      const trouble = await this.sendBatch();
      this.progress();
      if (trouble === null) {
        pauseMs = this.deadlines.retry.firstMs;
        continue;
      }
      // What was sent on this connection may be carried out yet; on a new one it is recognised.
      if (trouble instanceof NoAnswer) this.parts.link.reset();
      await new Promise<void>((resume) => this.parts.clock.after(pauseMs, resume));
      pauseMs = Math.min(pauseMs * 2, this.deadlines.retry.longestMs);
    }
    this.running = false;
  }

  /** Returns what keeps writes from being carried out, `null` when nothing does. */
  private async sendBatch(): Promise<unknown> {
    const jobs = this.jobsOf(this.queue.send(BATCH));
    const { clock } = this.parts;
    const troubles = await Promise.all(
      jobs.map(async ({ numbers, run }) => {
        try {
          const tell = await within(clock, this.deadlines.writeMs, run());
          tell();
          this.queue.remove(numbers);
          return null;
        } catch (error) {
          if (!isRefusal(error)) return error;
          this.giveUp(this.queue.remove(numbers), messageOf(error));
          return null;
        }
      }),
    );
    return troubles.find((trouble) => trouble !== null) ?? null;
  }

  private jobsOf(batch: readonly (readonly [number, Write])[]): Job[] {
    const events: [number, EventWrite][] = [];
    const records = new Map<string, [number, RecordWrite][]>();
    for (const [n, write] of batch) {
      if (write.kind === 'event') events.push([n, write]);
      else
        records.set(write.record.transferId, [...(records.get(write.record.transferId) ?? []), [n, write]]);
    }
    const jobs = [...records.values()].map((same) => this.put(same));
    return events.length === 0 ? jobs : [this.append(events), ...jobs];
  }

  private append(events: readonly (readonly [number, EventWrite])[]): Job {
    return {
      numbers: events.map(([n]) => n),
      run: async () => {
        const cursors = await this.parts.events.append(events.map(([, { id, json }]) => [id, json]));
        return () => events.forEach(([, write], i) => write.done(cursors[i] ?? ''));
      },
    };
  }

  /** Of several states of one record only the newest is written: it holds the others. */
  private put(same: readonly (readonly [number, RecordWrite])[]): Job {
    const newest = same.map(([, { record }]) => record).reduce((a, b) => (b.revision >= a.revision ? b : a));
    return {
      numbers: same.map(([n]) => n),
      run: async () => {
        const result = await this.parts.table.put(newest);
        return () => same.forEach(([, write]) => write.done(result));
      },
    };
  }

  private progress(): void {
    this.parts.metrics.storeBacklog(this.queue.size);
    const { oldest } = this.queue;
    const over = this.waiting.filter(({ upTo }) => oldest > upTo);
    this.waiting = this.waiting.filter(({ upTo }) => oldest <= upTo);
    for (const { resume } of over) resume();
  }

  private giveUp(writes: readonly Write[], why: string): void {
    const { log, metrics, link } = this.parts;
    for (const write of writes) {
      metrics.storeWriteLost(write.kind);
      const name =
        write.kind === 'event'
          ? { eventId: write.id }
          : { transferId: write.record.transferId, revision: write.record.revision };
      log.error({ ...name, why }, 'a write of the store was given up');
      write.failed(link.unavailable(`the ${write.kind} was not written: ${why}`));
    }
  }
}
