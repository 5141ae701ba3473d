import type { LegId, TransferId } from './ids.js';
import type { Refusal } from './outcome.js';
import type { TransferPlan } from './plan.js';
import type { TimerName } from './effect.js';

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
  | { readonly type: 'closed'; readonly leg: LegId }
  | { readonly type: 'offer'; readonly leg: LegId; readonly offerId: number; readonly sdp: string | null }
  | { readonly type: 'reofferAccepted'; readonly leg: LegId; readonly sdp: string | null }
  | { readonly type: 'reofferRefused'; readonly leg: LegId; readonly refusal: Refusal }
  | { readonly type: 'timerFired'; readonly timer: TimerName }
  | { readonly type: 'transferCommanded'; readonly plan: TransferPlan }
  | { readonly type: 'cancelRequested'; readonly transferId: TransferId }
  /** An operator, a bot's `hangup`, or a shutdown ends the call. */
  | { readonly type: 'hangupRequested'; readonly by: 'api' | 'bot' | 'engine'; readonly reason: string }
  /** The SIP server's link broke: every dialog of the call is out of reach. */
  | { readonly type: 'signallingLost' };
