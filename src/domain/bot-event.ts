import type { Evidence, Outcome, TransferStatus } from './outcome.js';
import type { Message } from './plan.js';
import type { SessionId, TransferId } from './ids.js';

/** What happens after a terminal event, told to the bot in `data.next` (CONTRACT 4). */
export interface NextStep {
  readonly action: 'stay' | 'goto' | 'play' | 'end' | 'return' | 'none';
  readonly node: string | null;
  readonly message: Message | null;
}

interface OfTransfer {
  readonly transferId: TransferId;
  readonly sessionId: SessionId;
}

interface OfAttempt extends OfTransfer {
  readonly attempt: {
    readonly n: number;
    readonly of: number;
    readonly target: string;
    readonly method: string;
    readonly trunk: string | null;
  };
}

interface Verdict extends OfTransfer {
  readonly outcome: Outcome;
  readonly evidence: Evidence;
  readonly next: NextStep;
  readonly transferStatus: TransferStatus;
}

/** Who ended a call. */
export type EndedBy = 'caller' | 'bot' | 'agent' | 'api' | 'policy' | 'engine' | 'signalling_lost';

/** Everything a bot can be told, by type (CONTRACT 4). The engine adds id, seq, time, callId and channel. */
export type BotEvent =
  | {
      readonly type: 'call.started';
      readonly data: { readonly from: string; readonly to: string; readonly trunk: string };
    }
  | {
      readonly type: 'call.ended';
      readonly data: {
        readonly by: EndedBy;
        readonly sipCode: number | null;
        readonly reason: string | null;
      };
    }
  | {
      readonly type: 'transfer.requested';
      readonly data: OfTransfer & {
        readonly targets: readonly string[];
        readonly method: string;
        readonly reason: string | null;
        readonly metadata: Readonly<Record<string, unknown>>;
      };
    }
  | { readonly type: 'transfer.attempt.started'; readonly data: OfAttempt }
  | { readonly type: 'transfer.attempt.ringing'; readonly data: OfAttempt & { readonly sipCode: number } }
  | { readonly type: 'transfer.attempt.answered'; readonly data: OfAttempt }
  | {
      readonly type: 'transfer.attempt.ended';
      readonly data: OfAttempt & { readonly outcome: Outcome; readonly evidence: Evidence };
    }
  | { readonly type: 'transfer.bridged'; readonly data: OfAttempt }
  | { readonly type: 'transfer.completed' | 'transfer.failed' | 'transfer.cancelled'; readonly data: Verdict }
  | { readonly type: 'transfer.returned'; readonly data: OfTransfer };

export type BotEventType = BotEvent['type'];

/** The exactly-one verdict of a transfer (DESIGN invariant 1). */
export const isTerminal = (type: BotEventType): boolean =>
  type === 'transfer.completed' || type === 'transfer.failed' || type === 'transfer.cancelled';
