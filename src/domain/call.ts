import type { EndedBy } from './bot-event.js';
import type { CallId, LegId } from './ids.js';
import type { Leg } from './leg.js';
import type { TransferStatus } from './outcome.js';
import type { DialTarget, TransferPlan } from './plan.js';
import type { TimerName } from './effect.js';

/** A caller and everybody the call is connected to: the whole state `step` works on. Immutable. */
export interface Call {
  readonly id: CallId;
  readonly setup: CallSetup;
  readonly state: State;
  readonly legs: Legs;
  /** Timers running for this call: with `legs`, the ledger that must be empty in the end. */
  readonly timers: ReadonlySet<TimerName>;
  /** Number of target legs dialled so far. */
  readonly dialled: number;
  /** Verdict of the last transfer that has one. */
  readonly lastStatus: TransferStatus | null;
}

export type Legs = ReadonlyMap<LegId, Leg>;

/** What is fixed when the call arrives. */
export interface CallSetup {
  readonly from: string;
  readonly to: string;
  readonly trunk: string;
  readonly bot: DialTarget;
  readonly answerTimeoutMs: number;
  /** Base of our SDP session ids (an input: the domain has no randomness). */
  readonly sdpSeed: number;
  /** Our own address for `o=` lines. */
  readonly host: string;
}

/** Phase of the call; what exists in one phase only lives there. The table is in `step.ts`. */
export type State =
  | { readonly phase: 'connecting' }
  | { readonly phase: 'withBot' }
  | {
      readonly phase: 'dialling';
      readonly transfer: Transfer;
      readonly leg: LegId;
      readonly progress: 'trying' | 'ringing';
    }
  | { readonly phase: 'retryWait'; readonly transfer: Transfer }
  | { readonly phase: 'moving'; readonly transfer: Transfer; readonly leg: LegId }
  | { readonly phase: 'withTarget'; readonly transfer: Transfer; readonly leg: LegId }
  | { readonly phase: 'returning'; readonly transfer: Transfer }
  | { readonly phase: 'ending'; readonly by: EndedBy }
  | { readonly phase: 'ended' };

export type Phase = State['phase'];

/** A transfer on its way. */
export interface Transfer {
  readonly plan: TransferPlan;
  /** Index into `plan.targets`. */
  readonly target: number;
  /** 1-based. */
  readonly attempt: number;
  /** Retries made so far, by index of the rule that asked for them. */
  readonly retries: Readonly<Record<number, number>>;
}

/** A transfer needs a caller in conversation with the bot, and nothing else under way. */
export function acceptsTransfer(call: Call): boolean {
  const caller = call.legs.get('caller');
  return call.state.phase === 'withBot' && caller?.phase === 'up' && caller.media.remote !== null;
}

/** The transfer of a call that is still without a verdict. */
export function pendingTransfer(call: Call): Transfer | null {
  const { state } = call;
  switch (state.phase) {
    case 'dialling':
    case 'retryWait':
    case 'moving':
    case 'withTarget':
      return state.transfer;
    case 'connecting':
    case 'withBot':
    case 'returning':
    case 'ending':
    case 'ended':
      return null;
  }
}
