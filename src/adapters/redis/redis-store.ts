import type { CallId, SessionId, TransferId } from '../../domain/ids.js';
import type { PublishedEvent } from '../../ports/bot-runtime.js';
import type { EventFeed } from '../../ports/event-feed.js';
import type { LadderEntry } from '../../ports/ladder.js';
import type { IdempotentAnswer, PutResult, Store, StoreHealth } from '../../ports/store.js';
import type { SessionNotes, TransferFilter, TransferRecord } from '../../ports/transfer-record.js';
import type { Commands } from './client.js';
import { EventLog } from './event-log.js';
import { idempotencyKey } from './keys.js';
import { Link } from './link.js';
import {
  REDIS_DEADLINES,
  REDIS_LIMITS,
  type RedisDeadlines,
  type RedisLimits,
  type RedisStoreOptions,
} from './options.js';
import { getLadder, putLadder } from './ladders.js';
import { expiredTransfers, listTransfers, sweepIndexes } from './transfer-list.js';
import { TransferTable } from './transfer-table.js';
import { WakeUps } from './wake-ups.js';
import { Writer } from './writer.js';

export interface RedisStore extends Store, EventFeed {
  /** Connects. @throws UsageError that names the address, when Redis does not come or does not let us in */
  start(): Promise<void>;
}

/**
 * Records, events and idempotency keys in Redis (6.2 or later): one server, a master watched by sentinels, or a
 * cluster. While Redis is away writes wait, in order and bounded, and reads are refused in time.
 */
export function createRedisStore(options: RedisStoreOptions): RedisStore {
  return new StoreInRedis(
    options,
    { ...REDIS_LIMITS, ...options.limits },
    { ...REDIS_DEADLINES, ...options.deadlines },
  );
}

/** Between two sweeps of the indexes, which need them only as often as records expire. */
const SWEEP_MS = 60_000;
/** When one sweep was not enough. */
const NEXT_SWEEP_MS = 1_000;

class StoreInRedis implements RedisStore {
  private readonly link: Link;
  private readonly table: TransferTable;
  private readonly events: EventLog;
  private readonly writer: Writer;
  private readonly wakeUps: WakeUps;
  private closed = false;
  private stopSweeping: () => void = () => undefined;

  constructor(
    private readonly options: RedisStoreOptions,
    private readonly limits: RedisLimits,
    private readonly deadlines: RedisDeadlines,
  ) {
    const { connection, clock } = options;
    this.link = new Link(options, deadlines);
    this.table = new TransferTable(this.link.commands, limits.keepEndedMs, () => clock.now());
    this.events = new EventLog(this.link.commands, limits.events);
    this.writer = new Writer(
      { ...options, link: this.link, table: this.table, events: this.events },
      deadlines,
      limits,
    );
    this.wakeUps = new WakeUps(connection, clock, deadlines);
  }

  async start(): Promise<void> {
    try {
      await this.link.start();
    } catch (error) {
      this.link.stop();
      throw error;
    }
    this.sweepLater();
  }

  putTransfer(record: TransferRecord): Promise<PutResult> {
    return new Promise((done, failed) => {
      const bytes = Buffer.byteLength(JSON.stringify(record));
      const terminal = record.state !== 'pending' || record.status === 'ended';
      this.writer.add({ kind: 'record', since: this.now(), record, bytes, terminal, done, failed });
    });
  }

  async appendEvent(event: PublishedEvent): Promise<string> {
    const json = JSON.stringify(event);
    const cursor = await new Promise<string>((done, failed) => {
      const bytes = Buffer.byteLength(json);
      const terminal = isTerminal(event);
      this.writer.add({
        kind: 'event',
        since: this.now(),
        id: event.id,
        json,
        bytes,
        terminal,
        done,
        failed,
      });
    });
    this.wakeUps.wakeAll();
    return cursor;
  }

  getTransfer(id: TransferId) {
    return this.read((commands) => this.table.get(commands, id));
  }

  getSession(id: SessionId) {
    return this.read((commands) => this.table.session(commands, id));
  }

  listTransfers(filter: TransferFilter) {
    return this.read((commands) => listTransfers(commands, filter));
  }

  exchangeTransfer(record: TransferRecord, known: number) {
    return this.read(() => this.table.put(record, known));
  }

  annotateTransfer(id: TransferId, notes: SessionNotes) {
    return this.read((commands) => this.table.annotate(commands, id, notes));
  }

  expiredTransfers(now: number) {
    return this.read((commands) => expiredTransfers(commands, now));
  }

  putLadder(id: CallId, ladder: readonly LadderEntry[]) {
    return this.link.ask((commands) => putLadder(commands, id, ladder, this.limits));
  }

  getLadder(id: CallId) {
    return this.link.ask((commands) => getLadder(commands, id));
  }

  lastStatus(callId: CallId) {
    return this.read((commands) => this.table.lastStatus(commands, callId));
  }

  readEvents(cursor: string | undefined, limit: number) {
    return this.read((commands) => this.events.readAfter(commands, cursor, limit));
  }

  lastCursor() {
    return this.read((commands) => this.events.last(commands));
  }

  findIdempotentAnswer(scope: string, key: string) {
    return this.link.ask((commands) => answerAt(commands, idempotencyKey(scope, key)));
  }

  claimIdempotencyKey(scope: string, key: string, value: IdempotentAnswer) {
    const name = idempotencyKey(scope, key);
    const text = JSON.stringify(value);
    return this.link.ask(async (commands) => {
      const set = await commands.set(name, text, 'PX', this.limits.idempotencyTtlMs, 'NX');
      // `undefined` also when the other's answer expired in between, which is as good as having been first.
      return set === 'OK' ? undefined : answerAt(commands, name);
    });
  }

  subscribe(wake: () => void) {
    return this.wakeUps.subscribe(wake);
  }

  health(): StoreHealth {
    // A Redis that is back, and is still being told what it missed, has not the last word yet.
    const late = this.writer.lateMs > this.deadlines.slowMs ? 'the store is catching up' : null;
    const trouble = this.link.trouble() ?? late;
    if (trouble === null) return { word: 'up', detail: null };
    return { word: 'degraded', detail: `${trouble}; ${this.writer.backlog} writes wait` };
  }

  async close(): Promise<void> {
    this.closed = true;
    this.stopSweeping();
    this.wakeUps.stop();
    await this.writer.close();
    this.link.stop();
  }

  /** Within the deadline of the answer, what was written before is waited for. */
  private read<T>(run: (commands: Commands) => Promise<T>): Promise<T> {
    return this.link.ask(async (commands) => {
      await this.writer.caughtUp();
      return run(commands);
    });
  }

  private now(): number {
    return this.options.clock.now();
  }

  private sweepLater(ms = SWEEP_MS): void {
    const { clock, log } = this.options;
    if (this.closed) return;
    this.stopSweeping = clock.after(ms, () => {
      this.link
        .ask((commands) => sweepIndexes(commands, clock.now()))
        .then(
          (all) => this.sweepLater(all ? SWEEP_MS : NEXT_SWEEP_MS),
          (error: unknown) => {
            log.debug({ error }, 'the indexes were not swept');
            this.sweepLater();
          },
        );
    });
  }
}

async function answerAt(commands: Commands, name: string): Promise<IdempotentAnswer | undefined> {
  const text = await commands.get(name);
  // We wrote it, so it is one.
  return text === null ? undefined : (JSON.parse(text) as IdempotentAnswer);
}

/** Events that tell of a verdict or an end; when something must be given up, it is not these. */
const isTerminal = ({ type }: PublishedEvent): boolean =>
  type === 'transfer.completed' ||
  type === 'transfer.failed' ||
  type === 'transfer.cancelled' ||
  type === 'transfer.returned' ||
  type === 'call.ended';
