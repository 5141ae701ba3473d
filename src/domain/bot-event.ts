import type { Evidence, Outcome, TransferStatus } from './outcome.js';
import type { Message, WayReason } from './plan.js';
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
    /** Why this way to the target was taken after another one failed; `null` for the first. */
    readonly because: WayReason | null;
  };
}

interface Verdict extends OfTransfer {
  readonly outcome: Outcome;
  readonly evidence: Evidence;
  readonly next: NextStep;
  readonly transferStatus: TransferStatus;
}

/** Who ended a call. */
/** `transfer`: the caller was handed over by REFER or BYE, or the call was merged into another. */
export type EndedBy =
  'caller' | 'bot' | 'agent' | 'api' | 'policy' | 'transfer' | 'engine' | 'signalling_lost';

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
  /** Keys the caller pressed, or (`none`) its silence, told to a bot that speaks by replies; an agent's keys, to every bot. */
  | {
      readonly type: 'call.input';
      readonly data: {
        readonly input: 'dtmf' | 'none';
        readonly digits: string;
        readonly from: 'caller' | 'agent';
      };
    }
  | {
      readonly type: 'call.recording';
      readonly data: {
        readonly state: 'started' | 'paused' | 'resumed' | 'stopped' | 'failed';
        /** On the media server's machine. */
        readonly path: string;
        readonly reason: string | null;
      };
    }
  /** Something the caller should have heard, or a bot should have said, could not be had; the call went on without it. */
  | {
      readonly type: 'call.warning';
      readonly data: { readonly problem: string; readonly detail: string };
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
  /** `answeredBy`: who of several that rang together. */
  | { readonly type: 'transfer.attempt.answered'; readonly data: OfAttempt & { readonly answeredBy: string } }
  /** The far end does not do what was asked, and something else is done in its place (`attempt` is the refused one). */
  | {
      readonly type: 'transfer.degraded';
      readonly data: OfAttempt & { readonly from: string; readonly to: string; readonly evidence: Evidence };
    }
  | {
      readonly type: 'transfer.attempt.ended';
      readonly data: OfAttempt & { readonly outcome: Outcome; readonly evidence: Evidence };
    }
  | { readonly type: 'transfer.bridged'; readonly data: OfAttempt }
  | { readonly type: 'transfer.completed' | 'transfer.failed' | 'transfer.cancelled'; readonly data: Verdict }
  | { readonly type: 'transfer.returned'; readonly data: OfTransfer };

export type BotEventType = BotEvent['type'];

/** The exactly-one verdict of a transfer (DESIGN invariant 1). */
export type VerdictEvent = Extract<BotEvent, { data: Verdict }>;

export const isVerdict = (event: BotEvent): event is VerdictEvent => isTerminal(event.type);

export const isTerminal = (type: BotEventType): boolean =>
  type === 'transfer.completed' || type === 'transfer.failed' || type === 'transfer.cancelled';
