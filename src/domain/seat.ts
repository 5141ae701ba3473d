import type { State, Transfer } from './call.js';
import type { Cause } from './effect.js';
import { stopAttempt } from './fail-attempt.js';
import type { UnderWay } from './leaving.js';
import type { Turn } from './turn.js';

/** The place a target takes: given back when it cannot fill it. */

export const NOT_ACCEPTABLE = { sipCode: 488, q850: null, text: 'media not acceptable' } as const;

/**
 * The target that was on its way to its place is let go. Where that was the caller's own, whoever asked to be
 * replaced and is still there has it back.
 */
export function unseat(
  turn: Turn,
  { transfer, leg }: Extract<State, { phase: 'moving' }>,
  cause: Cause,
): Transfer {
  const { seat, referrer } = transfer;
  if (seat === 'target') {
    turn.release(leg, cause);
    return transfer;
  }
  if (referrer === null || turn.up(referrer.leg) === null) {
    turn.release('caller', cause);
    return { ...transfer, referrer: null };
  }
  turn.swap('caller', referrer.leg);
  turn.release(referrer.leg, cause);
  return { ...transfer, referrer: { ...referrer, leg: 'caller' } };
}

/** Nothing of the attempt is left: no target, no timer. */
export function dropAttempt(turn: Turn, state: UnderWay): Transfer {
  stopAttempt(turn);
  turn.stop('retry');
  if (state.phase === 'moving') return unseat(turn, state, NOT_ACCEPTABLE);
  if (state.phase === 'introducing') turn.release(state.leg, NOT_ACCEPTABLE);
  if (state.phase === 'dialling') for (const { leg } of state.ringing) turn.release(leg, null);
  return state.transfer;
}
