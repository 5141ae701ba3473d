import type { CallId, TransferId } from '../../domain/ids.js';
import type { TransferStatus } from '../../domain/outcome.js';
import type { Clock } from '../../ports/clock.js';
import type { EventFeed } from '../../ports/event-feed.js';
import type { LadderEntry } from '../../ports/ladder.js';
import type { IdempotentAnswer, Store } from '../../ports/store.js';
import type { SessionNotes, TransferRecord } from '../../ports/transfer-record.js';
import { EventLog } from './event-log.js';
import { ExpiringMap } from './expiring-map.js';
import { MEMORY_LIMITS, type MemoryLimits } from './limits.js';
import { TransferTable } from './transfer-table.js';

export interface MemoryStoreOptions {
  readonly clock: Pick<Clock, 'now'>;
  readonly limits?: Partial<MemoryLimits>;
}

/** Everything in this process, forgotten with it; the same promises as any other store (test/contract/store). */
export function createMemoryStore(options: MemoryStoreOptions): Store & EventFeed {
  return new MemoryStore({ ...MEMORY_LIMITS, ...options.limits }, () => options.clock.now());
}

class MemoryStore implements Store, EventFeed {
  private readonly transfers: TransferTable;
  private readonly statuses: ExpiringMap<CallId, { readonly n: number; readonly status: TransferStatus }>;
  private readonly answers: ExpiringMap<string, IdempotentAnswer>;
  private readonly ladders: ExpiringMap<CallId, readonly LadderEntry[]>;
  private readonly events: EventLog;
  private readonly wakes = new Set<() => void>();

  constructor(limits: MemoryLimits, now: () => number) {
    this.transfers = new TransferTable(limits.endedRecords, limits.endedRecordTtlMs, now);
    this.statuses = new ExpiringMap(limits.statuses, limits.statusTtlMs, now);
    this.answers = new ExpiringMap(limits.idempotencyKeys, limits.idempotencyTtlMs, now);
    this.ladders = new ExpiringMap(limits.ladders, limits.endedRecordTtlMs, now);
    this.events = new EventLog(limits.events, now());
  }

  putTransfer(record: TransferRecord) {
    return Promise.resolve(this.take(record, null));
  }

  exchangeTransfer(record: TransferRecord, known: number) {
    return Promise.resolve(this.take(record, known));
  }

  private take(record: TransferRecord, revision: number | null) {
    const n = this.transfers.put(record, revision);
    if (n === null) return 'stale' as const;
    const known = this.statuses.get(record.callId);
    // A record is written again after its verdict; it must not hide the verdict of a later transfer.
    if (record.transferStatus !== null && (known === undefined || known.n <= n)) {
      this.statuses.set(record.callId, { n, status: record.transferStatus });
    }
    return 'written' as const;
  }

  annotateTransfer(id: TransferId, notes: SessionNotes) {
    return Promise.resolve(this.transfers.annotate(id, notes));
  }

  expiredTransfers(now: number) {
    return Promise.resolve(this.transfers.expired(now));
  }

  putLadder(id: CallId, ladder: readonly LadderEntry[]) {
    this.ladders.set(id, ladder);
    return Promise.resolve();
  }

  getLadder(id: CallId) {
    return Promise.resolve(this.ladders.get(id));
  }

  getTransfer(id: Parameters<Store['getTransfer']>[0]) {
    return Promise.resolve(this.transfers.get(id));
  }

  getSession(id: Parameters<Store['getSession']>[0]) {
    return Promise.resolve(this.transfers.session(id));
  }

  listTransfers(filter: Parameters<Store['listTransfers']>[0]) {
    return Promise.resolve(this.transfers.list(filter));
  }

  lastStatus(callId: CallId) {
    return Promise.resolve(this.statuses.get(callId)?.status);
  }

  appendEvent(event: Parameters<Store['appendEvent']>[0]) {
    const cursor = this.events.append(event);
    for (const wake of this.wakes) wake();
    return Promise.resolve(cursor);
  }

  readEvents(cursor: string | undefined, limit: number) {
    return Promise.resolve(this.events.readAfter(cursor, limit));
  }

  findIdempotentAnswer(scope: string, key: string) {
    return Promise.resolve(this.answers.get(`${scope}\n${key}`));
  }

  claimIdempotencyKey(scope: string, key: string, value: IdempotentAnswer) {
    const known = this.answers.get(`${scope}\n${key}`);
    if (known === undefined) this.answers.set(`${scope}\n${key}`, value);
    return Promise.resolve(known);
  }

  lastCursor() {
    return Promise.resolve(this.events.last());
  }

  subscribe(wake: () => void) {
    this.wakes.add(wake);
    return () => {
      this.wakes.delete(wake);
    };
  }

  health() {
    return { word: 'up' as const, detail: null };
  }

  close() {
    this.wakes.clear();
    return Promise.resolve();
  }
}
