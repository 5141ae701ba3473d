import { concludeFailure } from '../fail-attempt.js';
import type { State } from '../call.js';
import { callerLeft } from '../leaving.js';
import { concludeHome } from '../home.js';
import { startAttempt } from '../start-attempt.js';
import type { Turn } from '../turn.js';
import { conclude, NEXT } from '../verdict.js';
import { cancelled } from '../cancelled.js';
import type { Row } from './handler.js';
import { underWay } from './under-way.js';

type Speaking = Extract<State, { phase: 'speaking' }>;

/** The caller hears a message of ours; whatever becomes of it, what was to follow follows. */
export const speaking: Row<'speaking'> = {
  ...underWay,

  played: (turn, { leg, n }, state) => {
    if (leg === 'caller' && n === state.n) goOn(turn, state);
  },
  speakTimeout: (turn, _fact, state) => goOn(turn, state),

  callerGone: (turn, fact, state) => {
    const { transfer, then } = state;
    if (then.do === 'attempt') return callerLeft(turn, state, fact.q850);
    // The transfer had failed before the caller left.
    conclude(turn, transfer, 'transfer.failed', { ...then.failure, hangup: true, next: NEXT.none });
    concludeHome(turn, transfer, 'caller', true, fact.q850);
    turn.end('caller', { sipCode: null, q850: fact.q850, text: fact.reason ?? 'the caller hung up' });
  },

  cancelRequested: (turn, { transferId }, state) => {
    if (transferId === state.transfer.plan.id && state.then.do === 'attempt') cancelled(turn, state);
  },
};

function goOn(turn: Turn, { transfer, then }: Speaking): void {
  turn.stop('speak');
  if (then.do === 'attempt') return startAttempt(turn, transfer);
  // It has been said: nobody need say it again.
  concludeFailure(turn, transfer, then.failure, { ...then.wanted, message: null });
}
