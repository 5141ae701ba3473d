import { arrive } from '../begin.js';
import type { AttemptFailure, State, Transfer } from '../call.js';
import { failAttempt, stopAttempt } from '../fail-attempt.js';
import { noteEarlyMedia } from '../early-media.js';
import { backHome, concludeHome, homeIsUp, limitSilence, watchLoneCaller } from '../home.js';
import type { LegId } from '../ids.js';
import { evidencePhase, type UnderWay } from '../leaving.js';
import type { Outcome } from '../outcome.js';
import { outcomeOf, Q850_OUTCOMES } from '../outcome-table.js';
import { callerIsGone } from '../parties.js';
import { startAttempt } from '../start-attempt.js';
import type { Turn } from '../turn.js';
import { answerWith, passProgress, turnAway } from '../unanswered.js';
import { conclude, decided, NEXT, notifyProgress, ofAttempt, refusedWith } from '../verdict.js';
import type { Row } from './handler.js';
import { underWay } from './under-way.js';

type Dialling = Extract<State, { phase: 'dialling' }>;

/** A target rings, or several at once; the caller is still at home. */
export const dialling: Row<'dialling'> = {
  ...underWay,

  targetProgress: (turn, { leg, code, reason, sdp }, state) => {
    const { transfer } = state;
    if (code > 100) noteEarlyMedia(turn, leg, sdp);
    watchLoneCaller(turn, transfer);
    if (transfer.home.with === 'nobody') passProgress(turn, code, reason, sdp);
    notifyProgress(turn, transfer, { code, reason });
    if (state.progress === 'ringing' || code < 180) return;
    turn.state = { ...state, progress: 'ringing' };
    turn.tell({ type: 'transfer.attempt.ringing', data: { ...ofAttempt(transfer), sipCode: code } });
  },

  targetAnswered: (turn, { leg }, state) => {
    const branch = state.ringing.find((b) => b.leg === leg);
    if (branch === undefined) return;
    for (const other of state.ringing) if (other.leg !== leg) turn.release(other.leg, ELSEWHERE);
    answerWith(turn, 'caller', leg);
    arrive(turn, state.transfer, branch);
  },

  targetRefused: (turn, { leg, refusal }, state) =>
    branchFailed(turn, state, leg, {
      outcome: outcomeOf(refusal),
      evidence: refusedWith(refusal, 'invite', state.transfer),
    }),

  targetUnusable: (turn, { leg, why }, state) =>
    branchFailed(turn, state, leg, {
      outcome: 'media_incompatible',
      evidence: decided('far_end', 'media', state.transfer, why),
    }),

  targetGone: (turn, { leg, q850, reason }, state) =>
    branchFailed(turn, state, leg, {
      outcome: (q850 === null ? undefined : Q850_OUTCOMES[q850]) ?? 'unknown',
      evidence: decided('far_end', 'invite', state.transfer, reason, q850),
    }),

  ringTimeout: (turn, _fact, { transfer, ringing, failure }) => {
    for (const { leg } of ringing) turn.release(leg, null);
    const silent = { outcome: 'no_answer', evidence: decided('ring_timer', 'invite', transfer) } as const;
    const { outcome, evidence } = weightier(failure, silent);
    failAttempt(turn, transfer, outcome, evidence);
  },

  mediaRefused: (turn, _fact, { transfer }) => limitSilence(turn, transfer),

  cancelRequested: (turn, { transferId }, state) => {
    if (transferId !== state.transfer.plan.id) return;
    for (const { leg } of state.ringing) turn.release(leg, null);
    cancelled(turn, state);
  },
};

/** Between two attempts at the same target. */
export const retryWait: Row<'retryWait'> = {
  ...underWay,
  retryDue: (turn, _fact, { transfer }) => startAttempt(turn, { ...transfer, attempt: transfer.attempt + 1 }),
  mediaRefused: (turn, _fact, { transfer }) => limitSilence(turn, transfer),
  cancelRequested: (turn, { transferId }, state) => {
    if (transferId === state.transfer.plan.id) cancelled(turn, state);
  },
};

/** RFC 3326: the phones that rang in vain need not show a missed call. */
const ELSEWHERE = { sipCode: 200, q850: null, text: 'Call completed elsewhere' } as const;

/** One of those that ring has given up: the attempt fails with the last of them. */
function branchFailed(turn: Turn, state: Dialling, leg: LegId, failure: AttemptFailure): void {
  const ringing = state.ringing.filter((b) => b.leg !== leg);
  const worst = weightier(state.failure, failure);
  if (ringing.length > 0) {
    turn.state = { ...state, ringing, failure: worst };
    watchLoneCaller(turn, state.transfer);
  } else failAttempt(turn, state.transfer, worst.outcome, worst.evidence);
}

/** What a caller would call the reason when several said different things: people first, then the network. */
const WEIGHT: readonly Outcome[] = ['declined', 'busy', 'no_answer', 'forbidden', 'invalid_number'];

function weightier(before: AttemptFailure | null, now: AttemptFailure): AttemptFailure {
  if (before === null) return now;
  const weigh = ({ outcome }: AttemptFailure): number => {
    const at = WEIGHT.indexOf(outcome);
    return at < 0 ? WEIGHT.length : at;
  };
  return weigh(now) < weigh(before) ? now : before;
}

function cancelled(turn: Turn, state: UnderWay): void {
  const { transfer } = state;
  stopAttempt(turn);
  turn.stop('retry');
  const stays = homeIsUp(turn, transfer);
  const evidence = decided('api', evidencePhase(state), transfer);
  const next = stays ? NEXT.stay : NEXT.end;
  const hangup = callerIsGone(turn);
  conclude(turn, transfer, 'transfer.cancelled', { outcome: 'cancelled', evidence, hangup, next });
  if (stays) backHome(turn, transfer);
  else leaveAlone(turn, transfer);
}

function leaveAlone(turn: Turn, transfer: Transfer): void {
  concludeHome(turn, transfer, 'api', callerIsGone(turn), 16);
  const text = 'transfer cancelled';
  if (turn.legs.get('caller')?.phase === 'offered') turnAway(turn, 'api', { code: 480, reason: text });
  else turn.end('api', { sipCode: null, q850: 16, text });
}
