import type { SessionId, TransferId } from '../../domain/ids.js';
import {
  matchesFilter,
  withNotes,
  type SessionNotes,
  type TransferFilter,
  type TransferPage,
  type TransferRecord,
} from '../../ports/transfer-record.js';
import { ExpiringMap } from './expiring-map.js';

interface Row {
  /** Rank of creation; what a page cursor names. */
  readonly n: number;
  readonly record: TransferRecord;
  /** What others say about it. */
  readonly notes: SessionNotes | null;
}

/** Records by id and session; live ones stay, ended ones are forgotten by age and number. */
export class TransferTable {
  private readonly rows = new Map<TransferId, Row>();
  private readonly bySession = new Map<SessionId, TransferId>();
  private readonly ended: ExpiringMap<TransferId, SessionId>;
  private created = 0;

  constructor(maxEnded: number, ttlMs: number, now: () => number) {
    this.ended = new ExpiringMap(maxEnded, ttlMs, now, (id, session) => {
      this.rows.delete(id);
      this.bySession.delete(session);
    });
  }

  /**
   * Returns the rank of the record, so that what belongs to a later transfer can be told apart; `null`: a newer
   * revision is there, or, where one is named, another than that.
   */
  put(record: TransferRecord, revision: number | null): number | null {
    const known = this.rows.get(record.transferId);
    const there = known?.record.revision ?? 0;
    if (revision === null ? there > record.revision : there !== revision) return null;
    const n = known?.n ?? (this.created += 1);
    this.rows.set(record.transferId, { n, record, notes: known?.notes ?? null });
    this.bySession.set(record.sessionId, record.transferId);
    if (record.status === 'ended') this.ended.set(record.transferId, record.sessionId);
    else this.ended.delete(record.transferId);
    return n;
  }

  get(id: TransferId): TransferRecord | undefined {
    this.ended.sweep();
    return recordOf(this.rows.get(id));
  }

  annotate(id: TransferId, notes: SessionNotes): TransferRecord | undefined {
    const row = this.rows.get(id);
    if (row !== undefined) this.rows.set(id, { ...row, notes: { ...row.notes, ...notes } });
    return this.get(id);
  }

  /** Live ones whose time has run out. */
  expired(now: number): TransferRecord[] {
    return [...this.rows.values()].flatMap((row) => {
      const { status, expiresAt } = row.record;
      const isDue = status !== 'ended' && expiresAt !== null && Date.parse(expiresAt) <= now;
      return isDue ? [withNotes(row.record, row.notes)] : [];
    });
  }

  session(id: SessionId): TransferRecord | undefined {
    this.ended.sweep();
    const transferId = this.bySession.get(id);
    return transferId === undefined ? undefined : recordOf(this.rows.get(transferId));
  }

  /** Newest first; the cursor is the rank of the last one given. */
  list(filter: TransferFilter): TransferPage {
    this.ended.sweep();
    const before = filter.cursor === undefined ? Infinity : Number(filter.cursor);
    const found = [...this.rows.values()]
      .map((row) => ({ n: row.n, record: withNotes(row.record, row.notes) }))
      .filter((row) => row.n < before && matchesFilter(row.record, filter))
      .reverse();
    const page = found.slice(0, filter.limit);
    const last = page.at(-1);
    return {
      items: page.map((row) => row.record),
      nextCursor: found.length > page.length && last !== undefined ? String(last.n) : null,
    };
  }
}

const recordOf = (row: Row | undefined): TransferRecord | undefined =>
  row === undefined ? undefined : withNotes(row.record, row.notes);
