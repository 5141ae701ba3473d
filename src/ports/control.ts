import type { TransferCommand } from '../domain/command.js';
import type { CallId, SessionId, TransferId } from '../domain/ids.js';
import type { LadderEntry } from './ladder.js';

/** What operators and bots may ask of the engine; the HTTP adapter and the command line speak only to this. */
export interface Control {
  calls(): readonly CallView[];
  call(id: CallId): CallView | undefined;
  /** Starts a transfer. Rejects with an `AppError`: unknown call, another transfer pending, target refused by policy. */
  transfer(
    id: CallId,
    command: TransferCommand,
  ): Promise<{ readonly transferId: TransferId; readonly sessionId: SessionId }>;
  /** Cancels a pending transfer. Rejects with an `AppError`: unknown, already answered, already over. */
  cancelTransfer(id: TransferId): Promise<void>;
  hangup(id: CallId): Promise<void>;
  /** SIP messages of a live or recently ended call, oldest first; `undefined`: no such call. */
  ladder(id: CallId): readonly LadderEntry[] | undefined;
  readiness(): Readiness;
  /** Channel ids of the configuration. */
  hasChannel(id: string): boolean;
}

export interface CallView {
  readonly callId: CallId;
  readonly channel: string;
  /** Phase of the call, the words of the state table in `domain/step.ts`. */
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
