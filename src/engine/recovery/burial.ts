import type { BotEvent } from '../../domain/bot-event.js';
import { eventId, verdictId, type CallId } from '../../domain/ids.js';
import type { PublishedEvent } from '../../ports/bot-runtime.js';
import type { DialogHandle, LegEvent } from '../../ports/signalling.js';
import type { TransferRecord } from '../../ports/transfer-record.js';
import { DEADLINES } from '../deadlines.js';
import type { EngineParts } from '../parts.js';
import type { Registry } from '../registry.js';
import type { Teller } from '../teller.js';

/** What is known of a call nobody can read. */
export interface Deceased {
  readonly callId: CallId;
  readonly channel: string;
  /** Last event number given out, as far as is known. */
  readonly seq: number;
  /** Told, and perhaps in no record yet. */
  readonly unsettled: readonly PublishedEvent[];
  readonly teller: Teller;
}

/** More transfers without a verdict than a call has at a time. */
const MAX_OPEN = 50;

/**
 * Ends calls whose state cannot be read, because another version wrote it or their channel is no more: their legs are
 * hung up as far as they can be had, and their transfers, which are known by their records, get their verdicts.
 */
export class Burial {
  constructor(
    private readonly parts: Pick<EngineParts, 'signalling' | 'store' | 'clock' | 'random' | 'log'>,
    private readonly registry: Pick<Registry, 'records'>,
  ) {}

  hangUp(handles: readonly DialogHandle[]): void {
    for (const handle of handles) {
      const listener = ({ type }: LegEvent): void => {
        if (type === 'resumed') leg.bye([]);
      };
      const request = { handle, tap: () => undefined, allows: () => false, auth: null };
      const leg = this.parts.signalling.resume(request, listener);
    }
  }

  hold(deceased: Deceased, tries: number = DEADLINES.burialTries): void {
    this.bury(deceased).catch((error: unknown) => {
      const { callId } = deceased;
      if (tries > 1) this.parts.clock.after(DEADLINES.burialRetryMs, () => this.hold(deceased, tries - 1));
      else
        this.parts.log.error(
          { callId, error },
          'the transfers of a call whose engine is gone have no verdict',
        );
    });
  }

  private async bury({ callId, channel, seq, unsettled, teller }: Deceased): Promise<void> {
    await this.registry.records.retold(callId, unsettled);
    const { items } = await this.parts.store.listTransfers({ callId, state: 'pending', limit: MAX_OPEN });
    const told = [...items.map(verdictOn), ENDED].map((event, i) =>
      this.published(event, { callId, channel, seq: seq + 1 + i }),
    );
    await this.registry.records.retold(callId, told);
    for (const event of told) teller.tell(event, null);
    teller.save(null);
  }

  private published(event: BotEvent, of: Pick<PublishedEvent, 'callId' | 'channel' | 'seq'>): PublishedEvent {
    const id =
      event.type === 'transfer.failed' ? verdictId(event.data.transferId) : eventId(this.parts.random.uuid());
    return { ...event, ...of, id, time: new Date(this.parts.clock.now()).toISOString() };
  }
}

const ENDED: BotEvent = {
  type: 'call.ended',
  data: { by: 'engine', sipCode: null, reason: 'the engine of the call was lost' },
};

function verdictOn({ transferId, sessionId, targets, attempts, activeAt }: TransferRecord): BotEvent {
  const reason = 'the engine of the call was lost';
  const phase = activeAt === null ? 'invite' : 'bridge';
  const evidence = { sipCode: null, sipReason: reason, q850: null, phase } as const;
  return {
    type: 'transfer.failed',
    data: {
      ...{ transferId, sessionId, outcome: 'unknown' },
      evidence: { ...evidence, decidedBy: 'interrupted', attempt: attempts.length },
      next: { action: 'none', node: null, message: null },
      transferStatus: { status: 'FAIL', hangup: true, number: targets[0] ?? '' },
    },
  };
}
