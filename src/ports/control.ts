import type { TransferCommand } from '../domain/command.js';
import type { CallId, SessionId, TransferId } from '../domain/ids.js';
import type { TransferPlan, Way } from '../domain/plan.js';
import type { BotReply } from '../domain/reply.js';
import type { PolicySimulation, SimulatedStep } from '../domain/simulate-policy.js';
import type { EngineId } from './call-book.js';
import type { LadderEntry } from './ladder.js';

/**
 * What operators and bots may ask of the engines; the HTTP adapter and the command line speak only to this. It does
 * not matter which engine on a store is asked: what names a call is carried out by the engine that has it. Where that
 * is another one, everything that returns a promise may also reject with `engine_unreachable` or `store_unavailable`.
 */
export interface Control {
  /** Live calls of all engines. */
  calls(): Promise<CallList>;
  call(id: CallId): Promise<CallView | undefined>;
  /**
   * Starts a transfer. Rejects with an `AppError`: unknown call, another transfer pending, target refused by policy.
   * Of several with the same {@link OnceKey} one is carried out, whichever engines they came to.
   */
  transfer(id: CallId, command: TransferCommand, once?: OnceKey): Promise<TransferStarted>;
  /**
   * What `transfer` would send, and why; nothing is sent, told or counted. Rejects with an `AppError` as `transfer`
   * does, but for what only this moment forbids (phase, pending transfer, limits): `refusal` says that.
   */
  dryRun(id: CallId, command: TransferCommand): Promise<DryRun>;
  /** What a channel's fallback policy does with a failure. Throws the `AppError` `unknown_channel`. */
  simulatePolicy(channel: string, simulation: PolicySimulation): readonly SimulatedStep[];
  /** Cancels a pending transfer. Rejects with an `AppError`: unknown, already answered, already over. */
  cancelTransfer(id: TransferId): Promise<void>;
  /**
   * The caller leaves the agent for its bot. Rejects with an `AppError`: unknown call, `return_not_possible`: nobody
   * talks to an agent by this transfer, or there is no bot to return to.
   */
  bringBack(call: CallId, id: TransferId): Promise<void>;
  /** The record of a transfer whose agent is gone is closed; false: it is not in that state, or not ours. */
  closeSession(call: CallId, id: TransferId): Promise<boolean>;
  hangup(id: CallId): Promise<void>;
  /** Rejects with an `AppError`: unknown call, nothing is being recorded. */
  record(id: CallId, action: 'pause' | 'resume' | 'stop'): Promise<void>;
  /**
   * What a bot that speaks by replies says unasked: carried out in order, behind what it has said before. `false`: the
   * call's bot speaks for itself, and nothing was done. Rejects with an `AppError`: unknown call.
   */
  reply(id: CallId, replies: readonly BotReply[], once?: OnceKey): Promise<boolean>;
  /** SIP messages of a live or recently ended call, oldest first; `undefined`: no such call. */
  ladder(id: CallId): Promise<readonly LadderEntry[] | undefined>;
  readiness(): Readiness;
  /** Channel ids of the configuration. */
  hasChannel(id: string): boolean;
}

export interface TransferStarted {
  readonly transferId: TransferId;
  readonly sessionId: SessionId;
}

/** A command its sender may repeat: the same key with the same fingerprint of its body is the same command. */
export interface OnceKey {
  readonly key: string;
  readonly fingerprint: string;
}

export interface CallList {
  readonly items: readonly CallView[];
  /** Engines whose calls are missing, and why; `engine: null`: which there are is not known. Empty: none are. */
  readonly partial: readonly { readonly engine: EngineId | null; readonly detail: string }[];
}

/** A transfer that was planned and not made. */
export interface DryRun {
  readonly method: TransferPlan['method'];
  /** Why the command would be refused at this moment; `null`: it would be taken. */
  readonly refusal: {
    readonly code: 'transfer_pending' | 'transfer_not_possible' | 'rate_limited';
    readonly detail: string;
  } | null;
  /** In the order in which they would be tried. */
  readonly targets: readonly DryRunTarget[];
  /** What a channel with `redirect` to the first target answers an INVITE with; `null` when 302 cannot name it. */
  readonly redirect: string | null;
  /** Every value a command may leave open, and who decided it. */
  readonly layers: readonly { readonly field: string; readonly value: unknown; readonly layer: string }[];
}

export interface DryRunTarget {
  /** As the command names it. */
  readonly target: string;
  readonly ringTimeoutMs: number;
  readonly ways: readonly DryRunWay[];
}

export interface DryRunWay {
  readonly method: Way['method'];
  readonly trunk: string | null;
  /** What must have happened to the way before; `null` for the first. */
  readonly after: Way['after'];
  /** The command's own headers against what the trunk puts up with; `null` without a trunk. */
  readonly headerBudget: {
    readonly count: number;
    readonly bytes: number;
    readonly maxCount: number;
    readonly maxBytes: number;
  } | null;
  /** Several are sent together. */
  readonly requests: readonly DryRunRequest[];
}

export interface DryRunRequest {
  readonly to: string;
  /** The message; in braces what only the SIP server or the moment can know. */
  readonly sip: string;
  /** Keys pressed after the answer. */
  readonly postDial: string | null;
}

export interface CallView {
  readonly callId: CallId;
  /** The engine that has it. */
  readonly engine: EngineId;
  readonly channel: string;
  /** Phase of the call, the words of the state table in `domain/table.ts`. */
  readonly phase: string;
  readonly from: string;
  readonly to: string;
  readonly startedAt: string;
  readonly legs: readonly LegView[];
  readonly transferId: TransferId | null;
}

export interface LegView {
  readonly id: string;
  readonly phase: string;
  readonly sipCallId: string | null;
}

export interface Readiness {
  readonly ready: boolean;
  /** One word per dependency: `up`, `down`, `degraded`; `draining` under `engine` while shutting down. */
  readonly dependencies: Readonly<Record<string, string>>;
  /** What is wrong and where to look, for dependencies that are not `up` and can say so. */
  readonly details?: Readonly<Record<string, string>>;
}
