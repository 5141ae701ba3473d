import type { SipStatus } from './effect.js';
import type { LegId, TransferId } from './ids.js';
import type { Refusal } from './outcome.js';
import type { TransferPlan } from './plan.js';

/**
 * What an event means for the call as a whole: the columns of the table in `table.ts`. The leg layer (`legs.ts`)
 * turns events into facts, so that a phase never meets a leg that is no longer its business.
 */
export type Fact =
  | {
      readonly type: 'botProgress';
      readonly code: number;
      readonly reason: string;
      readonly sdp: string | null;
    }
  | { readonly type: 'botAnswered' }
  | { readonly type: 'botRefused'; readonly refusal: Refusal }
  | { readonly type: 'botGone'; readonly q850: number | null; readonly reason: string | null }
  | { readonly type: 'callerGone'; readonly q850: number | null; readonly reason: string | null }
  | {
      readonly type: 'targetProgress';
      readonly leg: LegId;
      readonly code: number;
      readonly reason: string;
      readonly sdp: string | null;
    }
  | { readonly type: 'targetAnswered'; readonly leg: LegId }
  | { readonly type: 'targetRefused'; readonly leg: LegId; readonly refusal: Refusal }
  /** The 2xx carried no session description, or a broken one. */
  | { readonly type: 'targetUnusable'; readonly leg: LegId; readonly why: string }
  | {
      readonly type: 'targetGone';
      readonly leg: LegId;
      /** `engine`: its endpoint is lost. */
      readonly by: 'far_end' | 'engine';
      readonly q850: number | null;
      readonly reason: string | null;
    }
  /** An agent left while its caller was being passed on. */
  | { readonly type: 'homeGone'; readonly q850: number | null; readonly reason: string | null }
  /** What the caller's network said to our BYE; `null`: nothing. */
  | { readonly type: 'callerReleased'; readonly code: number | null }
  | { readonly type: 'referAccepted' }
  | { readonly type: 'referRefused'; readonly refusal: Refusal }
  | {
      readonly type: 'referProgress';
      readonly status: SipStatus | null;
      readonly terminated: boolean;
    }
  /** One of the four REFER timers. */
  | { readonly type: 'referTimeout'; readonly timer: 'referResponse' | 'firstNotify' | 'referTotal' }
  | { readonly type: 'departTimeout' }
  /** A party asks by REFER; only told in phases that can take it, and by parties that may. */
  | { readonly type: 'referred'; readonly from: LegId; readonly referId: number; readonly plan: TransferPlan }
  /** An attended transfer: the party behind the referrer's other call is handed to us, `leg` by its new name. */
  | {
      readonly type: 'brought';
      readonly from: LegId;
      readonly referId: number;
      readonly plan: TransferPlan;
      readonly leg: LegId;
      readonly ringing: boolean;
    }
  /** One of our parties went to another call. */
  | { readonly type: 'legTaken'; readonly leg: LegId }
  /** Caller and partner both show each other's media. */
  | { readonly type: 'mediaSettled' }
  /** A party refused to be moved and stays as it was. */
  | { readonly type: 'mediaRefused'; readonly leg: LegId; readonly refusal: Refusal }
  /** `from`: who asked inside the call, by BYE; `null`: the API. */
  | { readonly type: 'commanded'; readonly plan: TransferPlan; readonly from: LegId | null }
  | { readonly type: 'cancelRequested'; readonly transferId: TransferId }
  | { readonly type: 'returnRequested'; readonly transferId: TransferId }
  | { readonly type: 'hangupRequested'; readonly by: 'api' | 'bot' | 'engine'; readonly reason: string }
  /** A playing of the current phase is over. */
  | { readonly type: 'played'; readonly leg: LegId; readonly n: number; readonly ok: boolean }
  | { readonly type: 'digit'; readonly leg: LegId; readonly digit: string }
  /** An agent did not accept in time, or its whisper never ended. */
  | { readonly type: 'briefTimeout'; readonly leg: LegId }
  | { readonly type: 'speakTimeout' }
  | { readonly type: 'warmTimeout' }
  /** The caller can neither hear nor be heard any more. */
  | { readonly type: 'mediaLost'; readonly reason: string }
  | { readonly type: 'signallingLost' }
  | { readonly type: 'setupTimeout' }
  | { readonly type: 'ringTimeout' }
  | { readonly type: 'retryDue' }
  | { readonly type: 'aloneTimeout' }
  | { readonly type: 'ackTimeout' };

export type FactType = Fact['type'];
