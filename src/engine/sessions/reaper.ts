import type { CallId } from '../../domain/ids.js';
import type { Clock } from '../../ports/clock.js';
import type { Log } from '../../ports/log.js';
import type { Metrics } from '../../ports/metrics.js';
import type { Store } from '../../ports/store.js';
import type { TransferRecord } from '../../ports/transfer-record.js';
import { endedUnseen } from './unseen-end.js';

export interface ReaperParts {
  readonly store: Pick<Store, 'expiredTransfers' | 'exchangeTransfer'>;
  readonly clock: Pick<Clock, 'now'>;
  readonly metrics: Pick<Metrics, 'sessionExpired'>;
  readonly log: Log;
  /** Whether some engine has the call. Rejects when that cannot be known. */
  readonly isLive: (call: CallId) => Promise<boolean>;
}

/**
 * Ends sessions nothing was heard of for their time to live. Engines on one store may do this at the same time: whoever
 * exchanges the record first has ended it, and nobody else counts it.
 */
export class Reaper {
  constructor(private readonly parts: ReaperParts) {}

  async round(): Promise<void> {
    const { store, clock } = this.parts;
    for (const record of await store.expiredTransfers(clock.now())) await this.expire(record);
  }

  private async expire(record: TransferRecord): Promise<void> {
    const { store, clock, metrics, log, isLive } = this.parts;
    // Two who only listen to each other give no sign, and are there all the same.
    if (record.channel === 'voice' && (await isLive(record.callId))) return;
    const over = endedUnseen(record, new Date(clock.now()).toISOString(), 'expired');
    if ((await store.exchangeTransfer(over, record.revision)) === 'stale') return;
    metrics.sessionExpired(record.channel);
    const { transferId, sessionId, channel } = record;
    log.info({ transferId, sessionId, channel }, 'a session has expired');
  }
}
