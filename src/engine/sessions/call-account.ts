import type { BotEvent } from '../../domain/bot-event.js';
import type { CallId } from '../../domain/ids.js';
import type { CallDetailRecord, CdrLeg, CdrTransfer, Containment } from '../../ports/cdr.js';
import { durationsOf } from '../../ports/durations.js';
import type { TransferRecord } from '../../ports/transfer-record.js';

/** What is known of a call from the beginning. */
export interface CallOpening {
  readonly callId: CallId;
  readonly channel: string;
  readonly trunk: string;
  readonly from: string;
  readonly to: string;
  readonly startedAt: string;
  /** Its channel has a bot. */
  readonly toBot: boolean;
}

type Ended = Extract<BotEvent, { type: 'call.ended' }>['data'];

/** What of a call's account another engine goes on with; plain JSON. */
export interface AccountSoFar {
  readonly opening: CallOpening;
  readonly answeredAt: string | null;
  readonly transfers: readonly CdrTransfer[];
  readonly ended: (Ended & { readonly at: string }) | null;
}

/** Everything the call detail record of one call will say, gathered while the call lives. Immutable. */
export class CallAccount {
  private constructor(readonly soFar: AccountSoFar) {}

  static open(opening: CallOpening): CallAccount {
    return new CallAccount({ opening, answeredAt: null, transfers: [], ended: null });
  }

  static resume(soFar: AccountSoFar): CallAccount {
    return new CallAccount(soFar);
  }

  answered(at: string): CallAccount {
    return this.soFar.answeredAt === null ? this.with({ answeredAt: at }) : this;
  }

  /** A transfer is as this record says. */
  transferred(record: TransferRecord): CallAccount {
    const { transfers } = this.soFar;
    const now = transferOf(record);
    const known = transfers.some(({ transferId }) => transferId === now.transferId);
    if (!known) return this.with({ transfers: [...transfers, now] });
    return this.with({ transfers: transfers.map((one) => (one.transferId === now.transferId ? now : one)) });
  }

  ended(at: string, how: Ended): CallAccount {
    return this.with({ ended: { ...how, at } });
  }

  /** `null`: the call never came to a bot. */
  containment(): Containment | null {
    const { opening, answeredAt, transfers } = this.soFar;
    if (!opening.toBot || answeredAt === null) return null;
    if (transfers.length === 0) return 'contained';
    if (transfers.some(({ activeAt, state }) => activeAt !== null || state === 'completed'))
      return 'transferred';
    return transfers.at(-1)?.outcome === 'caller_hangup' ? 'abandoned' : 'failed';
  }

  /** @param at when the last leg was gone: the end of a call that nothing was told of */
  close(at: string, legs: readonly CdrLeg[]): CallDetailRecord {
    const { opening, answeredAt, transfers, ended } = this.soFar;
    const { callId, channel, trunk, from, to, startedAt } = opening;
    const endedAt = ended?.at ?? at;
    const since = (from: string | null): number =>
      from === null ? 0 : Math.max(0, Date.parse(endedAt) - Date.parse(from));
    return {
      version: 1,
      ...{ callId, channel, trunk, from, to, startedAt },
      ...{ answeredAt, endedAt, durationMs: since(startedAt), answeredMs: since(answeredAt) },
      endedBy: ended?.by ?? 'engine',
      sipCode: ended?.sipCode ?? null,
      reason: ended?.reason ?? null,
      containment: this.containment(),
      legs,
      transfers,
    };
  }

  private with(change: Partial<AccountSoFar>): CallAccount {
    return new CallAccount({ ...this.soFar, ...change });
  }
}

function transferOf(record: TransferRecord): CdrTransfer {
  const { transferId, sessionId, targets, reason, queue, provider, providerSessionId } = record;
  const { state, outcome, evidence, attempts, createdAt, activeAt, verdictAt } = record;
  const { waitMs, talkMs } = durationsOf(record, Date.parse(record.updatedAt));
  return {
    ...{ transferId, sessionId, targets, reason, queue, provider, providerSessionId },
    method: attempts.at(-1)?.method ?? null,
    attempts: attempts.length,
    ...{ state, outcome, sipCode: evidence?.sipCode ?? null, decidedBy: evidence?.decidedBy ?? null },
    ...{ requestedAt: createdAt, activeAt, endedAt: verdictAt, waitMs, talkMs },
  };
}
