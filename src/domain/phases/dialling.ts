import { arrive } from '../begin.js';
import { brief, briefOn } from '../brief.js';
import type { AttemptFailure, Branch, State } from '../call.js';
import { cancelled } from '../cancelled.js';
import { failAttempt } from '../fail-attempt.js';
import { letHearRinging, noteEarlyMedia } from '../early-media.js';
import { consoleParty, watchLoneCaller } from '../home.js';
import type { LegId } from '../ids.js';
import type { Outcome } from '../outcome.js';
import { outcomeOf } from '../outcome-table.js';
import { startAttempt } from '../start-attempt.js';
import type { Turn } from '../turn.js';
import { answerWith, passProgress } from '../unanswered.js';
import { decided, departure, notifyProgress, ofAttempt, refusedWith } from '../verdict.js';
import { hearsEarly, waitAtHome, wantsEarlyMedia } from '../waiting.js';
import type { Row } from './handler.js';
import { underWay } from './under-way.js';

type Dialling = Extract<State, { phase: 'dialling' }>;

/** A target rings, or several at once; the caller is still at home. */
export const dialling: Row<'dialling'> = {
  ...underWay,

  targetProgress: (turn, { leg, code, reason, sdp }, state) => {
    const { transfer } = state;
    if (code > 100) noteEarlyMedia(turn, leg, sdp);
    if (wantsEarlyMedia(turn, transfer)) letHearRinging(turn);
    watchLoneCaller(turn, transfer);
    if (transfer.home.with === 'nobody')
      passProgress(turn, code, reason, hearsEarly(turn, transfer) ? sdp : null);
    notifyProgress(turn, transfer, { code, reason });
    if (state.progress === 'ringing' || code < 180) return;
    turn.state = { ...state, progress: 'ringing' };
    turn.tell({ type: 'transfer.attempt.ringing', data: { ...ofAttempt(transfer), sipCode: code } });
  },

  targetAnswered: (turn, { leg }, state) => {
    const branch = state.ringing.find((b) => b.leg === leg);
    if (branch === undefined) return;
    const briefed = brief(turn, state, branch);
    if (briefed === null) return accept(turn, state, branch);
    turn.state = briefed;
    // Whoever heard it ring waits again.
    waitAtHome(turn, state.transfer);
  },

  played: (turn, { leg, n, ok }, state) => {
    const branch = state.ringing.find((b) => b.leg === leg);
    if (branch?.briefing?.n !== n) return;
    const briefed = briefOn(turn, state, branch, ok);
    if (briefed === null) accept(turn, state, branch);
    else turn.state = briefed;
  },

  digit: (turn, { leg, digit }, state) => {
    const branch = state.ringing.find((b) => b.leg === leg);
    const confirm = state.transfer.plan.sounds?.confirm ?? null;
    if (branch?.briefing == null || confirm === null) return;
    if (digit === confirm.key) return accept(turn, state, branch);
    notAccepted(turn, state, leg, 'declined', `the agent pressed ${digit}`);
  },

  briefTimeout: (turn, { leg }, state) => {
    const branch = state.ringing.find((b) => b.leg === leg);
    if (branch === undefined) return;
    if (state.transfer.plan.sounds?.confirm == null) return accept(turn, state, branch);
    notAccepted(turn, state, leg, 'no_answer', 'the agent did not accept in time');
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

  targetGone: (turn, fact, state) =>
    branchFailed(turn, state, fact.leg, departure(fact, 'invite', state.transfer)),

  ringTimeout: (turn, _fact, state) => {
    const { transfer, failure } = state;
    // Whoever has answered has its own time to accept.
    const briefed = state.ringing.filter(({ briefing }) => briefing !== null);
    for (const { leg, briefing } of state.ringing) if (briefing === null) turn.release(leg, null);
    if (briefed.length > 0) {
      turn.state = { ...state, ringing: briefed };
      return watchLoneCaller(turn, transfer);
    }
    const silent = { outcome: 'no_answer', evidence: decided('ring_timer', 'invite', transfer) } as const;
    const { outcome, evidence } = weightier(failure, silent);
    failAttempt(turn, transfer, outcome, evidence);
  },

  mediaRefused: (turn, _fact, { transfer }) => consoleParty(turn, transfer),

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
  mediaRefused: (turn, _fact, { transfer }) => consoleParty(turn, transfer),
  cancelRequested: (turn, { transferId }, state) => {
    if (transferId === state.transfer.plan.id) cancelled(turn, state);
  },
};

/** The first to answer, or to accept, has the caller; the others stop ringing. */
function accept(turn: Turn, state: Dialling, branch: Branch): void {
  for (const other of state.ringing) if (other.leg !== branch.leg) turn.release(other.leg, ELSEWHERE);
  turn.stop(`brief:${branch.leg}`);
  answerWith(turn, 'caller', branch.leg);
  arrive(turn, state.transfer, branch);
}

/** An agent that answered and does not want the caller. */
function notAccepted(turn: Turn, state: Dialling, leg: LegId, outcome: Outcome, why: string): void {
  turn.release(leg, null);
  const by = outcome === 'declined' ? 'far_end' : 'engine';
  branchFailed(turn, state, leg, { outcome, evidence: decided(by, 'prompt', state.transfer, why) });
}

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
