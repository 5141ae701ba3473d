import type { SessionId, TransferId } from '../../domain/ids.js';
import type { TransferFilter, TransferRecord } from '../../ports/store.js';
import { ExpiringMap } from './expiring-map.js';

interface Row {
  /** Rank of creation; what a page cursor names. */
  readonly n: number;
  readonly record: TransferRecord;
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
   * revision is there.
   */
  put(record: TransferRecord): number | null {
    const known = this.rows.get(record.transferId);
    if (known !== undefined && known.record.revision > record.revision) return null;
    const n = known?.n ?? (this.created += 1);
    this.rows.set(record.transferId, { n, record });
    this.bySession.set(record.sessionId, record.transferId);
    if (record.status === 'ended') this.ended.set(record.transferId, record.sessionId);
    else this.ended.delete(record.transferId);
    return n;
  }

  get(id: TransferId): TransferRecord | undefined {
    this.ended.sweep();
    return this.rows.get(id)?.record;
  }

  session(id: SessionId): TransferRecord | undefined {
    this.ended.sweep();
    const transferId = this.bySession.get(id);
    return transferId === undefined ? undefined : this.rows.get(transferId)?.record;
  }

  /** Newest first; the cursor is the rank of the last one given. */
  list(filter: TransferFilter): { items: TransferRecord[]; nextCursor: string | null } {
    this.ended.sweep();
    const before = filter.cursor === undefined ? Infinity : Number(filter.cursor);
    const found = [...this.rows.values()]
      .filter((row) => row.n < before && matches(row.record, filter))
      .reverse();
    const page = found.slice(0, filter.limit);
    const last = page.at(-1);
    return {
      items: page.map((row) => row.record),
      nextCursor: found.length > page.length && last !== undefined ? String(last.n) : null,
    };
  }
}

const matches = (record: TransferRecord, filter: TransferFilter): boolean =>
  (filter.status === undefined || record.status === filter.status) &&
  (filter.callId === undefined || record.callId === filter.callId) &&
  (filter.channelId === undefined || record.channelId === filter.channelId);
