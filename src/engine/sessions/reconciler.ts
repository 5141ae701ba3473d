import type { CallId, TransferId } from '../../domain/ids.js';
import type { Clock } from '../../ports/clock.js';
import type { Log } from '../../ports/log.js';
import type { Metrics } from '../../ports/metrics.js';
import type { Store } from '../../ports/store.js';
import { SESSION_STATUSES, type SessionStatus, type TransferRecord } from '../../ports/transfer-record.js';
import { endedUnseen } from './unseen-end.js';

export interface ReconcilerParts {
  readonly store: Pick<Store, 'listTransfers' | 'exchangeTransfer' | 'health'>;
  readonly clock: Pick<Clock, 'now'>;
  readonly metrics: Pick<Metrics, 'sessionReaped'>;
  readonly log: Log;
  /** Whether some engine has the call. Rejects when that cannot be known. */
  readonly isLive: (call: CallId) => Promise<boolean>;
}

const LIVE = SESSION_STATUSES.filter((status) => status !== 'ended');
const PAGE = 100;
/** Looks at which a call must have been gone: it may be changing hands at one of them. */
const GONE_TWICE = 2;

/**
 * Ends records of calls that no engine has any more: a session of a call has no time to live, so nothing else would.
 * What cannot be known for sure is left as it is: while the store is not well, nobody's call is gone.
 */
export class Reconciler {
  private missing = new Map<TransferId, number>();

  constructor(private readonly parts: ReconcilerParts) {}

  async round(): Promise<void> {
    const seen = this.missing;
    // Should anything go wrong from here on, counting begins anew.
    this.missing = new Map();
    if (this.parts.store.health().word !== 'up') return;
    const missing = new Map<TransferId, number>();
    for (const status of LIVE)
      for await (const record of this.live(status)) {
        if (await this.parts.isLive(record.callId)) continue;
        const looks = (seen.get(record.transferId) ?? 0) + 1;
        if (looks >= GONE_TWICE) await this.end(record);
        else missing.set(record.transferId, looks);
      }
    this.missing = missing;
  }

  private async *live(status: SessionStatus): AsyncGenerator<TransferRecord> {
    let cursor: string | null = null;
    do {
      const after: { cursor?: string } = cursor === null ? {} : { cursor };
      const page = await this.parts.store.listTransfers({ status, channel: 'voice', limit: PAGE, ...after });
      yield* page.items;
      cursor = page.nextCursor;
    } while (cursor !== null);
  }

  private async end(record: TransferRecord): Promise<void> {
    const { store, clock, metrics, log } = this.parts;
    const over = endedUnseen(record, new Date(clock.now()).toISOString(), 'reconciled');
    if ((await store.exchangeTransfer(over, record.revision)) === 'stale') return;
    metrics.sessionReaped();
    const { callId, transferId, status } = record;
    log.warn({ callId, transferId, status }, 'no engine has the call of this session any more: it is over');
  }
}
