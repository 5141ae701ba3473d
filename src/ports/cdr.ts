import type { EndedBy } from '../domain/bot-event.js';
import type { CallId, SessionId, TransferId } from '../domain/ids.js';
import type { DecidedBy, Outcome } from '../domain/outcome.js';
import type { TransferState } from './transfer-record.js';

export const CONTAINMENTS = ['contained', 'transferred', 'abandoned', 'failed'] as const;
/**
 * What became of a caller's call to a bot: the bot was enough, nobody asked for a person (`contained`); a person was
 * reached (`transferred`); none was, and the caller left while waiting (`abandoned`) or did not (`failed`).
 */
export type Containment = (typeof CONTAINMENTS)[number];

/** One call, once it is over (docs/cdr.md). Times are ISO 8601, UTC. */
export interface CallDetailRecord {
  /** Of this shape. */
  readonly version: 1;
  readonly callId: CallId;
  readonly channel: string;
  /** Trunk the caller came by. */
  readonly trunk: string;
  readonly from: string;
  readonly to: string;
  readonly startedAt: string;
  /** The caller was answered; `null`: never. */
  readonly answeredAt: string | null;
  readonly endedAt: string;
  /** From the INVITE to the end. */
  readonly durationMs: number;
  /** From the answer to the end; 0 when there was none. */
  readonly answeredMs: number;
  readonly endedBy: EndedBy;
  /** The code it was turned away with, where a code ended it. */
  readonly sipCode: number | null;
  readonly reason: string | null;
  /** `null`: the call never came to a bot. */
  readonly containment: Containment | null;
  readonly legs: readonly CdrLeg[];
  readonly transfers: readonly CdrTransfer[];
}

export interface CdrLeg {
  /** The name it came by, as on the ladder. */
  readonly leg: string;
  readonly trunk: string | null;
  readonly sipCallId: string | null;
}

export interface CdrTransfer {
  readonly transferId: TransferId;
  readonly sessionId: SessionId;
  readonly targets: readonly string[];
  readonly reason: string | null;
  /** Of the last attempt; `null`: there was none. */
  readonly method: string | null;
  readonly attempts: number;
  readonly queue: string | null;
  readonly provider: string;
  readonly providerSessionId: string | null;
  readonly state: TransferState;
  readonly outcome: Outcome | null;
  readonly sipCode: number | null;
  readonly decidedBy: DecidedBy | null;
  readonly requestedAt: string;
  /** A person was connected. */
  readonly activeAt: string | null;
  readonly endedAt: string | null;
  readonly waitMs: number;
  /** `null`: nobody was reached, or the conversation was not ours to see. */
  readonly talkMs: number | null;
}

/**
 * Where call detail records go. Never holds up a call: `write` takes the record at once, and one that cannot be kept is
 * logged and counted.
 */
export interface CdrSink {
  write(record: CallDetailRecord): void;
  /** Writes what waits, within a deadline. */
  close(): Promise<void>;
}
