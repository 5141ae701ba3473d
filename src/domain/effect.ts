import type { BotEvent } from './bot-event.js';
import type { LegId } from './ids.js';
import type { DialTarget, HeaderLine, ReferWay } from './plan.js';
import type { TransferCommand } from './command.js';
import type { Sound } from './sound.js';

/** Why we end or refuse a leg; the engine makes a Reason header of it (RFC 3326). */
export interface Cause {
  readonly sipCode: number | null;
  readonly q850: number | null;
  readonly text: string;
}

/** An INFO's body, carried through a bridge as it is (RFC 6086). */
export interface InfoBody {
  /** Content-Type, as received. */
  readonly contentType: string;
  readonly body: string;
}

export interface SipStatus {
  readonly code: number;
  readonly reason: string;
}

/**
 * `ring` one attempt; `retry` between two; `setup` the bot's answer; `alone` a caller nobody talks to; `refer...`,
 * `firstNotify` and `depart` a REFER; `ack:` a late answer; `leave:` a referrer's own BYE.
 */
export type TimerName =
  | 'ring'
  | 'retry'
  | 'setup'
  | 'alone'
  | 'referResponse'
  | 'firstNotify'
  | 'referTotal'
  | 'depart'
  | MediaTimer
  | ScriptTimer
  | LegTimer;

/** `speak` a message to the caller; `warm` three in a conference. */
export type MediaTimer = 'speak' | 'warm';

/** `decision` a bot that was asked; `digits` the keys of one input; `noInput` a caller who says nothing. */
export type ScriptTimer = 'decision' | 'digits' | 'noInput';

export type LegTimer = `ack:${LegId}` | `glare:${LegId}` | `leave:${LegId}` | `brief:${LegId}`;

/** What `step` wants done. Each has an owner, the engine's runner, and those that expect an answer a deadline there. */
export type Effect =
  | {
      readonly type: 'ring';
      readonly leg: LegId;
      readonly code: number;
      readonly reason: string;
      readonly sdp: string | null;
    }
  | { readonly type: 'answer'; readonly leg: LegId; readonly sdp: string }
  | {
      readonly type: 'reject';
      readonly leg: LegId;
      readonly code: number;
      readonly reason: string;
      readonly headers: readonly HeaderLine[];
    }
  | { readonly type: 'dial'; readonly leg: LegId; readonly target: DialTarget; readonly sdp: string | null }
  | { readonly type: 'cancel'; readonly leg: LegId; readonly cause: Cause | null }
  | { readonly type: 'ack'; readonly leg: LegId; readonly sdp: string }
  | {
      readonly type: 'bye';
      readonly leg: LegId;
      readonly cause: Cause | null;
      readonly headers: readonly HeaderLine[];
    }
  | {
      readonly type: 'refer';
      readonly leg: LegId;
      readonly referral: number;
      readonly way: ReferWay;
      /** Of the target. */
      readonly label: string;
    }
  | { readonly type: 'acceptRefer'; readonly leg: LegId; readonly referId: number }
  | {
      readonly type: 'refuseRefer';
      readonly leg: LegId;
      readonly referId: number;
      readonly code: number;
      readonly reason: string;
    }
  | {
      readonly type: 'notifyRefer';
      readonly leg: LegId;
      readonly referId: number;
      readonly code: number;
      readonly reason: string;
      readonly final: boolean;
    }
  | { readonly type: 'info'; readonly leg: LegId; readonly info: InfoBody }
  /** The two legs change names: whoever had the one role has the other from now on. */
  | { readonly type: 'swapLegs'; readonly a: LegId; readonly b: LegId }
  /** What a trunk has shown about REFER. */
  | { readonly type: 'learn'; readonly trunk: string; readonly takesRefer: boolean }
  | { readonly type: 'reoffer'; readonly leg: LegId; readonly sdp: string }
  | { readonly type: 'acceptOffer'; readonly leg: LegId; readonly offerId: number; readonly sdp: string }
  | {
      readonly type: 'refuseOffer';
      readonly leg: LegId;
      readonly offerId: number;
      readonly code: number;
      readonly reason: string;
    }
  /** A range is drawn from by the runner: randomness is not the domain's. */
  | {
      readonly type: 'startTimer';
      readonly timer: TimerName;
      readonly ms: number | { readonly from: number; readonly to: number };
    }
  | { readonly type: 'stopTimer'; readonly timer: TimerName }
  /** Anchored: both far ends hear each other; `changed` with this number follows. */
  | { readonly type: 'bridge'; readonly leg: LegId; readonly with: LegId; readonly change: number }
  /** Anchored: into the conference of this number; `changed` follows. */
  | { readonly type: 'join'; readonly leg: LegId; readonly conference: number; readonly change: number }
  /** Anchored: `played` with this number follows, unless something else is wanted of the leg before. */
  | { readonly type: 'play'; readonly leg: LegId; readonly n: number; readonly sound: Sound }
  /** Anchored: out of whatever it hears. */
  | { readonly type: 'hush'; readonly leg: LegId }
  /** A script bot's wish, to be planned like any other: `transferCommanded` or `transferRefused` follows. */
  | { readonly type: 'command'; readonly command: TransferCommand }
  /** `question`: a script bot's answer is waited for, and names this number. */
  | { readonly type: 'tell'; readonly event: BotEvent; readonly question: number | null }
  /** The ledger is empty: forget the call. */
  | { readonly type: 'done' };
