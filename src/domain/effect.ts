import type { BotEvent } from './bot-event.js';
import type { LegId } from './ids.js';
import type { DialTarget, HeaderLine, ReferWay } from './plan.js';

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
  'ring' | 'retry' | 'setup' | 'alone' | 'referResponse' | 'firstNotify' | 'referTotal' | 'depart' | LegTimer;

export type LegTimer = `ack:${LegId}` | `glare:${LegId}` | `leave:${LegId}`;

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
  | { readonly type: 'tell'; readonly event: BotEvent }
  /** The ledger is empty: forget the call. */
  | { readonly type: 'done' };
