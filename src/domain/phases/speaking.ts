import type { EndedBy } from '../bot-event.js';
import type { State } from '../call.js';
import { cancelled } from '../cancelled.js';
import { concludeFailure } from '../fail-attempt.js';
import { concludeHome, DECIDED_BY } from '../home.js';
import { MERGED, SERVER_LOST } from '../leaving.js';
import { callerIsGone } from '../parties.js';
import { startAttempt } from '../start-attempt.js';
import type { Turn } from '../turn.js';
import { conclude, NEXT } from '../verdict.js';
import type { Row } from './handler.js';
import { underWay } from './under-way.js';

type Speaking = Extract<State, { phase: 'speaking' }>;

/**
 * The caller hears a message of ours; whatever becomes of it, what was to follow follows. After the last attempt the
 * transfer has failed already, and that is its verdict, however the message ends.
 */
export const speaking: Row<'speaking'> = {
  ...underWay,

  played: (turn, { leg, n }, state) => {
    if (leg === 'caller' && n === state.n) goOn(turn, state);
  },
  speakTimeout: (turn, _fact, state) => goOn(turn, state),

  callerGone: (turn, fact, state) => {
    if (!hasFailed(state)) return underWay.callerGone(turn, fact, state);
    breakOff(turn, state, 'caller', fact.reason ?? 'the caller hung up', fact.q850);
  },
  hangupRequested: (turn, fact, state) => {
    if (!hasFailed(state)) return underWay.hangupRequested(turn, fact, state);
    breakOff(turn, state, fact.by, fact.reason, 16);
  },
  signallingLost: (turn, fact, state) => {
    if (!hasFailed(state)) return underWay.signallingLost(turn, fact, state);
    breakOff(turn, state, 'signalling_lost', SERVER_LOST.text);
  },
  legTaken: (turn, fact, state) => {
    if (!hasFailed(state)) return underWay.legTaken(turn, fact, state);
    breakOff(turn, state, 'transfer', MERGED.text, null, fact.leg !== 'caller' && callerIsGone(turn));
  },
  mediaLost: (turn, fact, state) => {
    if (!hasFailed(state)) return underWay.mediaLost(turn, fact, state);
    concludeFailure(turn, state.transfer, state.then.failure, NEXT.end);
  },
  ackTimeout: (turn, fact, state) => {
    if (!hasFailed(state)) return underWay.ackTimeout(turn, fact, state);
    concludeFailure(turn, state.transfer, state.then.failure, NEXT.end);
  },

  cancelRequested: (turn, { transferId }, state) => {
    if (transferId === state.transfer.plan.id && !hasFailed(state)) cancelled(turn, state);
  },
};

type Failed = Speaking & { readonly then: Extract<Speaking['then'], { do: 'giveUp' }> };

const hasFailed = (state: Speaking): state is Failed => state.then.do === 'giveUp';

function goOn(turn: Turn, { transfer, then }: Speaking): void {
  turn.stop('speak');
  if (then.do === 'attempt') return startAttempt(turn, { ...transfer, attempt: 1 });
  // It has been said: nobody need say it again.
  concludeFailure(turn, transfer, then.failure, { ...then.wanted, message: null });
}

/** The call ends before the message does. */
function breakOff(
  turn: Turn,
  { transfer, then }: Failed,
  by: EndedBy,
  text: string,
  q850: number | null = null,
  hangup = callerIsGone(turn),
): void {
  const next = hangup ? NEXT.none : NEXT.end;
  conclude(turn, transfer, 'transfer.failed', { ...then.failure, hangup, next });
  concludeHome(turn, transfer, DECIDED_BY[by], hangup, q850);
  turn.end(by, { sipCode: by === 'transfer' ? MERGED.sipCode : null, q850, text });
}
