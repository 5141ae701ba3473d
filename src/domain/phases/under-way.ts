import type { Cause } from '../effect.js';
import { giveUp } from '../fail-attempt.js';
import { concludeHome } from '../home.js';
import {
  botLeft,
  callerLeft,
  evidencePhase,
  homeLeft,
  hungUpByOrder,
  lostSignalling,
  takenAway,
  UNACKNOWLEDGED,
  type UnderWay,
} from '../leaving.js';
import type { Fact, FactType } from '../fact.js';
import type { LegId } from '../ids.js';
import { isOpen } from '../leg.js';
import type { Outcome } from '../outcome.js';
import { callerIsGone } from '../parties.js';
import { dropAttempt } from '../seat.js';
import { whoStays } from '../call.js';
import type { Turn } from '../turn.js';
import { turnAway } from '../unanswered.js';
import { conclude, decided, NEXT } from '../verdict.js';

/** True also for a party that is gone: nobody waits for its media any more. */
export function isHeard(turn: Turn, leg: LegId): boolean {
  const media = turn.up(leg);
  return media === null ? true : isOpen(media);
}

/** The caller never said where it is, or its endpoint is gone: nobody can be handed to it, or it to anybody. */
function callerLost(turn: Turn, state: UnderWay, outcome: Outcome, cause: Cause): void {
  if (state.transfer.seat === 'caller') {
    turn.release('caller', cause);
    return callerLeft(turn, state, null);
  }
  const evidence = decided('engine', evidencePhase(state), state.transfer, cause.text);
  const transfer = dropAttempt(turn, state);
  const hangup = callerIsGone(turn);
  conclude(turn, transfer, 'transfer.failed', { outcome, evidence, hangup, next: NEXT.end });
  concludeHome(turn, transfer, 'engine', hangup);
  if (turn.legs.get('caller')?.phase !== 'offered') return turn.end('engine', cause);
  turnAway(turn, 'engine', { code: cause.sipCode ?? 503, reason: 'Service Unavailable' });
}

type Cell<F extends FactType> = (turn: Turn, fact: Extract<Fact, { type: F }>, state: UnderWay) => void;

/** What is the same in every phase in which a target is sought or being connected. */
export const underWay = {
  botGone: (turn, { q850 }, state) => botLeft(turn, state, q850),
  homeGone: (turn, { q850 }, state) => homeLeft(turn, state, q850),
  callerGone: (turn, { q850 }, state) => callerLeft(turn, state, q850),
  hangupRequested: (turn, { by, reason }, state) => hungUpByOrder(turn, state, by, reason),
  signallingLost: (turn, _fact, state) => lostSignalling(turn, state),
  legTaken: (turn, { leg }, state) => takenAway(turn, state, leg),

  /** Whoever is to be handed over never said where it is: no target can ever hear it. */
  ackTimeout: (turn, _fact, state) => {
    if (turn.anchored('caller') !== null)
      return callerLost(turn, state, 'media_incompatible', UNACKNOWLEDGED);
    if (isHeard(turn, whoStays(state.transfer))) return;
    const evidence = decided('engine', 'media', state.transfer, UNACKNOWLEDGED.text);
    giveUp(turn, dropAttempt(turn, state), { outcome: 'media_incompatible', evidence }, NEXT.end);
  },

  /** The caller's endpoint is gone, and the caller with it as far as anybody could hear. */
  mediaLost: (turn, { reason }, state) =>
    callerLost(turn, state, 'server_error', { sipCode: 503, q850: null, text: reason }),

  /** Nobody has talked to the party that waits for too long: an honest end beats more silence. */
  aloneTimeout: (turn, _fact, state) => {
    const outcome = state.phase === 'referring' && state.stage !== 'asked' ? 'unknown' : 'timeout';
    const why = 'nobody talked to the caller and no target answered in time';
    const evidence = decided('engine', evidencePhase(state), state.transfer, why);
    giveUp(turn, dropAttempt(turn, state), { outcome, evidence }, NEXT.end);
  },
} satisfies { readonly [F in FactType]?: Cell<F> };
