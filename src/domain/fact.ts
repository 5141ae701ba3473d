import type { LegId, TransferId } from './ids.js';
import type { Refusal } from './outcome.js';
import type { TransferPlan } from './plan.js';

/**
 * What an event means for the call as a whole: the columns of the table in `step.ts`. The leg layer (`legs.ts`)
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
  | { readonly type: 'targetProgress'; readonly code: number }
  | { readonly type: 'targetAnswered' }
  | { readonly type: 'targetRefused'; readonly refusal: Refusal }
  /** The 2xx carried no session description, or a broken one. */
  | { readonly type: 'targetUnusable'; readonly why: string }
  | { readonly type: 'targetGone'; readonly q850: number | null; readonly reason: string | null }
  /** Caller and partner both show each other's media. */
  | { readonly type: 'mediaSettled' }
  /** A party refused to be moved and stays as it was. */
  | { readonly type: 'mediaRefused'; readonly leg: LegId; readonly refusal: Refusal }
  | { readonly type: 'commanded'; readonly plan: TransferPlan }
  | { readonly type: 'cancelRequested'; readonly transferId: TransferId }
  | { readonly type: 'hangupRequested'; readonly by: 'api' | 'bot' | 'engine'; readonly reason: string }
  | { readonly type: 'signallingLost' }
  | { readonly type: 'setupTimeout' }
  | { readonly type: 'ringTimeout' }
  | { readonly type: 'retryDue' }
  | { readonly type: 'aloneTimeout' }
  | { readonly type: 'ackTimeout' };

export type FactType = Fact['type'];
