import type { CallDetailRecord, CdrSink } from '../../../ports/cdr.js';
import type { Clock } from '../../../ports/clock.js';
import { silentLog, type Log } from '../../../ports/log.js';
import type { Metrics } from '../../../ports/metrics.js';
import { isRefusal, messageOf } from '../failures.js';
import { Link } from '../link.js';
import { REDIS_DEADLINES, type RedisConnection, type RedisDeadlines } from '../options.js';
import { Script } from '../scripts.js';
import { NoAnswer, within } from '../within.js';
import { CDR_KEY, writtenKey } from './keys.js';

export interface CdrStreamOptions {
  readonly connection: RedisConnection;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Pick<Metrics, 'cdrLost'>;
  /** Records kept in the stream, or a few more. */
  readonly keep: number;
  /** Records that may wait for Redis. */
  readonly waiting?: number;
  readonly deadlines?: Partial<RedisDeadlines>;
}

export interface CdrStream extends CdrSink {
  /** Connects. @throws UsageError that names the address */
  start(): Promise<void>;
}

const WAITING = 10_000;
/** No engine that may still write a call's record again lives on for longer than that after its end. */
const REMEMBERED_MS = 86_400_000;

/**
 * Adds a call's record to the stream, once, whoever writes it how often.
 *
 * KEYS stream, written. ARGV records kept, ms the call is remembered, record. Answers whether it was added.
 */
const ADD = new Script(`
if not redis.call('SET', KEYS[2], 1, 'NX', 'PX', ARGV[2]) then return 0 end
redis.call('XADD', KEYS[1], 'MAXLEN', '~', ARGV[1], '*', 'record', ARGV[3])
return 1
`);

/** Call detail records in a Redis stream, each call's once. While Redis is away they wait, in order and bounded. */
export function createCdrStream(options: CdrStreamOptions): CdrStream {
  return new StreamOfRecords(options, { ...REDIS_DEADLINES, ...options.deadlines });
}

const nothing = (): void => undefined;

class StreamOfRecords implements CdrStream {
  private readonly link: Link;
  private readonly queue: CallDetailRecord[] = [];
  private writing: Promise<void> | null = null;
  private closed = false;

  constructor(
    private readonly options: CdrStreamOptions,
    private readonly deadlines: RedisDeadlines,
  ) {
    const { connection, clock } = options;
    // The store says what is wrong with Redis, by its own connection.
    const metrics = { dependencyChanged: nothing, storeBacklog: nothing, storeWriteLost: nothing };
    this.link = new Link({ connection, clock, log: silentLog, metrics }, deadlines);
  }

  async start(): Promise<void> {
    try {
      await this.link.start();
    } catch (error) {
      this.link.stop();
      throw error;
    }
  }

  write(record: CallDetailRecord): void {
    if (this.closed) return this.lost(record, 'the engine has stopped');
    this.queue.push(record);
    const oldest = this.queue.length > (this.options.waiting ?? WAITING) ? this.queue.shift() : undefined;
    if (oldest !== undefined) this.lost(oldest, 'too many wait');
    this.writing ??= this.run().finally(() => (this.writing = null));
  }

  async close(): Promise<void> {
    await within(this.options.clock, this.deadlines.closeMs, this.writing ?? Promise.resolve()).catch(
      nothing,
    );
    this.closed = true;
    for (const record of this.queue.splice(0))
      this.lost(record, 'the engine stopped while the store was away');
    this.link.stop();
  }

  private async run(): Promise<void> {
    const { retry } = this.deadlines;
    for (let record = this.queue[0]; record !== undefined && !this.closed; record = this.queue[0]) {
      await this.link.ready();
      // Meanwhile it may have been given up for those behind it.
      if (this.queue[0] !== record) continue;
      const trouble = await this.add(record);
      if (trouble === null || isRefusal(trouble)) {
        // While it was on its way it may have been given up for those behind it.
        if (this.queue[0] === record) this.queue.shift();
        if (trouble !== null) this.lost(record, messageOf(trouble));
        continue;
      }
      if (trouble instanceof NoAnswer) this.link.reset();
      await new Promise<void>((resume) => this.options.clock.after(retry.longestMs, resume));
    }
  }

  /** What went wrong, `null` when nothing did. */
  private async add(record: CallDetailRecord): Promise<unknown> {
    const { clock, keep } = this.options;
    const keys = [CDR_KEY, writtenKey(record.callId)];
    const added = ADD.run(this.link.commands, keys, [keep, REMEMBERED_MS, JSON.stringify(record)]);
    try {
      await within(clock, this.deadlines.writeMs, added);
      return null;
    } catch (error) {
      return error;
    }
  }

  private lost({ callId }: CallDetailRecord, why: string): void {
    this.options.metrics.cdrLost('redis');
    this.options.log.error({ callId, why }, 'a call detail record was not written to the stream');
  }
}
