import type { LegId, TransferId } from './ids.js';
import type { Refusal } from './outcome.js';
import type { Leg } from './leg.js';
import type { RefusedPlan, TransferPlan } from './plan.js';
import type { InfoBody, SipStatus, TimerName } from './effect.js';
import type { BotReply } from './reply.js';

/** Everything that can happen to a call. Time and outside wishes are events too. */
export type CallEvent =
  | {
      readonly type: 'progress';
      readonly leg: LegId;
      readonly code: number;
      readonly reason: string;
      readonly sdp: string | null;
    }
  | { readonly type: 'answered'; readonly leg: LegId; readonly sdp: string | null }
  | { readonly type: 'refused'; readonly leg: LegId; readonly refusal: Refusal }
  | { readonly type: 'acked'; readonly leg: LegId; readonly sdp: string }
  | {
      readonly type: 'hungUp';
      readonly leg: LegId;
      readonly q850: number | null;
      readonly reason: string | null;
    }
  | { readonly type: 'closed'; readonly leg: LegId; readonly code: number | null }
  | { readonly type: 'offer'; readonly leg: LegId; readonly offerId: number; readonly sdp: string | null }
  | { readonly type: 'reofferAccepted'; readonly leg: LegId; readonly sdp: string | null }
  | { readonly type: 'reofferRefused'; readonly leg: LegId; readonly refusal: Refusal }
  | { readonly type: 'timerFired'; readonly timer: TimerName }
  /** `from`: the leg whose BYE asked for it; `null`: the API or a bot's reply. */
  | { readonly type: 'transferCommanded'; readonly plan: TransferPlan; readonly from: LegId | null }
  /** A command that policy or limits forbid: told to the bot like any other transfer, and nothing leaves. `leaving`: who asked hangs up. */
  | { readonly type: 'transferRefused'; readonly refused: RefusedPlan; readonly leaving: boolean }
  | {
      readonly type: 'referAnswered';
      readonly leg: LegId;
      readonly referral: number;
      readonly refusal: Refusal | null;
    }
  | {
      readonly type: 'notified';
      readonly leg: LegId;
      readonly referral: number;
      readonly status: SipStatus | null;
      readonly terminated: boolean;
    }
  /** A party's REFER, past parsers, policy and routing: a plan, or the refusal they came to. */
  | {
      readonly type: 'referred';
      readonly leg: LegId;
      readonly referId: number;
      readonly verdict: ReferVerdict;
    }
  /** REFER with Replaces of a dialog in another call of ours: the party at its other end moves here. */
  | {
      readonly type: 'brought';
      readonly leg: LegId;
      readonly referId: number;
      readonly plan: TransferPlan;
      readonly party: Leg;
      /** What the party is called here from now on: the next free name. */
      readonly as: LegId;
    }
  /** The other side of `brought`: this leg lives in another call from now on. */
  | { readonly type: 'legTaken'; readonly leg: LegId }
  /** INVITE with Replaces (RFC 3891): a new leg, named `as`, takes the place of `leg`. */
  | { readonly type: 'replaced'; readonly leg: LegId; readonly as: LegId; readonly sdp: string | null }
  | { readonly type: 'info'; readonly leg: LegId; readonly info: InfoBody }
  /** What became of a `bridge` or `join`; `lost`: an endpoint died meanwhile, and another one may follow. */
  | { readonly type: 'changed'; readonly change: number; readonly result: 'done' | 'lost' | Refusal }
  /** A `play` is over: it ended by itself, or could not be had. */
  | { readonly type: 'played'; readonly leg: LegId; readonly n: number; readonly ok: boolean }
  | { readonly type: 'digit'; readonly leg: LegId; readonly digit: string }
  /** The leg has another endpoint, on another media server: what it heard is gone. */
  | { readonly type: 'mediaReset'; readonly leg: LegId }
  /** The leg's endpoint is gone and no other could be had. */
  | { readonly type: 'mediaLost'; readonly leg: LegId; readonly reason: string }
  /** What a script bot answered; `question: null`: said unasked. */
  | { readonly type: 'replied'; readonly question: number | null; readonly replies: readonly BotReply[] }
  | { readonly type: 'garbled'; readonly question: number | null; readonly problem: string }
  | { readonly type: 'cancelRequested'; readonly transferId: TransferId }
  /** The caller is to leave the agent for its bot. */
  | { readonly type: 'returnRequested'; readonly transferId: TransferId }
  /** An operator, a bot's `hangup`, or a shutdown ends the call. */
  | { readonly type: 'hangupRequested'; readonly by: 'api' | 'bot' | 'engine'; readonly reason: string }
  /** The SIP server's link broke: every dialog of the call is out of reach. */
  | { readonly type: 'signallingLost' };

/** What became of a REFER before the call itself is asked. */
export type ReferVerdict =
  | { readonly kind: 'plan'; readonly plan: TransferPlan }
  /** `refused`: what the bot is told; `null` when nobody was allowed to ask in the first place. */
  | {
      readonly kind: 'refuse';
      readonly code: number;
      readonly reason: string;
      readonly refused: RefusedPlan | null;
    };
