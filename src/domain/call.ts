import type { EndedBy, NextStep } from './bot-event.js';
import type { CallId, LegId } from './ids.js';
import { isOpen, type Leg } from './leg.js';
import type { Evidence, Outcome, TransferStatus } from './outcome.js';
import type { DialTarget, Message, TransferPlan } from './plan.js';
import type { TimerName } from './effect.js';
import type { Script, ScriptSetup } from './script-state.js';

/** A caller and everybody the call is connected to: the whole state `step` works on. Immutable. */
export interface Call {
  readonly id: CallId;
  readonly setup: CallSetup;
  readonly state: State;
  readonly legs: Legs;
  /** Timers running for this call: with `legs`, the ledger that must be empty in the end. */
  readonly timers: ReadonlySet<TimerName>;
  /** Number of target legs dialled and REFERs sent so far: names the next one. */
  readonly dialled: number;
  /** Verdict of the last transfer that has one. */
  readonly lastStatus: TransferStatus | null;
  /** Playings, conferences and changes at the media server so far: names the next one. */
  readonly numbered: number;
  /** `null`: no script bot. */
  readonly script: Script | null;
  /** The caller may be recorded: it has heard what it must hear before, if anything. */
  readonly consent: 'due' | 'heard' | 'missed';
}

export type Legs = ReadonlyMap<LegId, Leg>;

/** What is fixed when the call arrives. */
export interface CallSetup {
  readonly from: string;
  readonly to: string;
  readonly trunk: string;
  /** `null`: a call routed straight to a target. */
  readonly bot: DialTarget | null;
  readonly answerTimeoutMs: number;
  /** Base of our SDP session ids (an input: the domain has no randomness). */
  readonly sdpSeed: number;
  /** Our own address for `o=` lines. */
  readonly host: string;
  /** Final codes as the caller's trunk wants them (`603` -> `486`). */
  readonly statusMap: Readonly<Record<string, number>>;
  readonly media: 'direct' | 'anchored';
  /** A bot that speaks by replies; `null` = none. */
  readonly script: ScriptSetup | null;
  /** Said to the caller before it is recorded; `null` = nothing. */
  readonly consent: Message | null;
}

/** Phase of the call; what exists in one phase only lives there. The table is in `table.ts`. */
export type State =
  | { readonly phase: 'connecting' }
  | { readonly phase: 'withBot' }
  | {
      readonly phase: 'dialling';
      readonly transfer: Transfer;
      /** Those that still ring, or have answered and hear what it is about. */
      readonly ringing: readonly Branch[];
      readonly progress: 'trying' | 'ringing';
      /** What branches that gave up said, the weightiest of it. */
      readonly failure: AttemptFailure | null;
    }
  | { readonly phase: 'retryWait'; readonly transfer: Transfer }
  /** The caller hears a message of ours: before the first attempt, or after the last. */
  | {
      readonly phase: 'speaking';
      readonly transfer: Transfer;
      readonly n: number;
      readonly then: AfterMessage;
    }
  /** The agent has accepted and is introduced: to the caller, and to the bot while that stays. */
  | {
      readonly phase: 'introducing';
      readonly transfer: Transfer;
      readonly leg: LegId;
      /** Numbers of the introduction where it still plays. */
      readonly playing: readonly number[];
    }
  /** REFER is out: the caller's own network makes the call. */
  | {
      readonly phase: 'referring';
      readonly transfer: Transfer;
      readonly referral: number;
      readonly stage: 'asked' | 'accepted' | 'notified' | 'ringing';
    }
  /** BYE with instructions is out: the network in front of us takes the caller back. */
  | { readonly phase: 'handingBack'; readonly transfer: Transfer }
  | { readonly phase: 'moving'; readonly transfer: Transfer; readonly leg: LegId }
  | { readonly phase: 'withTarget'; readonly transfer: Transfer; readonly leg: LegId }
  | { readonly phase: 'returning'; readonly transfer: Transfer }
  /** Handed over by REFER: the caller's BYE is due. */
  | { readonly phase: 'departing' }
  | { readonly phase: 'ending'; readonly by: EndedBy }
  | { readonly phase: 'ended' };

export type Phase = State['phase'];

export interface Branch {
  readonly leg: LegId;
  readonly label: string;
  /** Answered, and not yet with the caller: what it hears, and whether it may decide. */
  readonly briefing: Briefing | null;
}

/** An agent before it meets the caller: a whisper, then perhaps the question whether it accepts. */
export interface Briefing {
  readonly step: 'whisper' | 'confirm';
  /** Number of what plays. */
  readonly n: number;
}

/** What follows a message to the caller. */
export type AfterMessage =
  | { readonly do: 'attempt' }
  | { readonly do: 'giveUp'; readonly failure: AttemptFailure; readonly wanted: NextStep };

export interface AttemptFailure {
  readonly outcome: Outcome;
  readonly evidence: Evidence;
}

/** A transfer on its way. */
export interface Transfer {
  readonly plan: TransferPlan;
  /** Index into `plan.targets`. */
  readonly target: number;
  /** Index into the target's `ways`. */
  readonly way: number;
  /** 1-based. */
  readonly attempt: number;
  /** Retries made so far, by index of the rule that asked for them. */
  readonly retries: Readonly<Record<number, number>>;
  /** Whom the party that stays is with until the target has answered, and again if it never does. */
  readonly home: Home;
  /** Whose place the target takes: usually that of whoever talked to the caller; the caller's when the caller's side asks. */
  readonly seat: 'target' | 'caller';
  /** Who asked by REFER and is owed NOTIFYs; `null` for everybody else, and once the final one is out. */
  readonly referrer: Referrer | null;
  /** Transfers in a row without the bot in between, this one included. */
  readonly depth: number;
}

export type Home =
  | { readonly with: 'bot' }
  /** A bot that speaks by replies: it has no leg. */
  | { readonly with: 'script' }
  /** An agent passes its caller on: its own transfer has no verdict yet. */
  | { readonly with: 'target'; readonly leg: LegId; readonly transfer: Transfer }
  /** A call routed without a bot, or one whose bot was let go. */
  | { readonly with: 'nobody' };

export interface Referrer {
  readonly leg: LegId;
  readonly referId: number;
}

/** The leg of {@link Home}, whether or not it is still there. */
export function homeLeg({ home }: Transfer): LegId | null {
  if (home.with === 'nobody' || home.with === 'script') return null;
  return home.with === 'bot' ? 'bot' : home.leg;
}

/** The party that is handed to the target: the caller, or, when the caller's own side asks, whoever talks to it. */
export function whoStays({ seat, home }: Transfer): LegId {
  if (seat === 'target' || home.with === 'nobody' || home.with === 'script') return 'caller';
  return home.with === 'bot' ? 'bot' : home.leg;
}

/** A transfer needs a caller in conversation with the bot, and nothing else under way. */
export function acceptsTransfer(call: Call): boolean {
  const caller = call.legs.get('caller');
  return call.state.phase === 'withBot' && caller?.phase === 'up' && isOpen(caller.media);
}

/** A REFER may come from either side of a conversation, and only when no other transfer is on its way. */
export function acceptsRefer(call: Call, from: LegId): boolean {
  const { state } = call;
  if (state.phase !== 'withBot' && state.phase !== 'withTarget') return false;
  const partner = state.phase === 'withBot' ? 'bot' : state.leg;
  if (from !== 'caller' && from !== partner) return false;
  // A bot without a leg has nobody to hand its caller's seat to.
  if (partner === 'bot' && !call.legs.has('bot')) return false;
  return [call.legs.get('caller'), call.legs.get(partner)].every(
    (leg) => leg?.phase === 'up' && isOpen(leg.media),
  );
}

/** A caller can be brought back from an agent to the bot that waits for it, and to nobody else. */
export function acceptsReturn({ state, legs }: Call): boolean {
  if (state.phase !== 'withTarget') return false;
  const { home } = state.transfer;
  if (home.with !== 'bot' && home.with !== 'script') return false;
  return legs.get(home.with === 'bot' ? 'bot' : 'caller')?.phase === 'up';
}

/** Who is at the other end of a leg's conversation and could be handed to another call (RFC 5589 7). */
export function otherParty(call: Call, leg: LegId): LegId | null {
  const { state } = call;
  const pair = (a: LegId, b: LegId): LegId | null => (leg === a ? b : leg === b ? a : null);
  if (state.phase === 'withBot') return pair('caller', 'bot');
  if (state.phase === 'withTarget') return pair('caller', state.leg);
  const [only] = state.phase === 'dialling' ? state.ringing : [];
  const consults = state.phase === 'dialling' && state.transfer.home.with === 'nobody' && leg === 'caller';
  return consults && state.ringing.length === 1 ? (only?.leg ?? null) : null;
}

/** Transfers of a call that are still without a verdict, the newest first. */
export function openTransfers(call: Call): readonly Transfer[] {
  const { state } = call;
  switch (state.phase) {
    case 'dialling':
    case 'retryWait':
    case 'referring':
    case 'handingBack':
    case 'speaking':
    case 'introducing':
    case 'moving': {
      const { home } = state.transfer;
      return home.with === 'target' ? [state.transfer, home.transfer] : [state.transfer];
    }
    case 'withTarget':
      return [state.transfer];
    case 'returning':
      return state.transfer.home.with === 'target' ? [state.transfer.home.transfer] : [];
    case 'connecting':
    case 'withBot':
    case 'departing':
    case 'ending':
    case 'ended':
      return [];
  }
}

/** The transfer that is on its way, or in conversation. */
export const pendingTransfer = (call: Call): Transfer | null => openTransfers(call)[0] ?? null;
