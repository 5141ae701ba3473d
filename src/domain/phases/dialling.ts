import { backToBot, failAttempt, giveUp, limitSilence, startAttempt, watchLoneCaller } from '../attempt.js';
import type { Transfer } from '../call.js';
import type { EvidencePhase } from '../outcome.js';
import { outcomeOf } from '../outcome-table.js';
import type { Turn } from '../turn.js';
import { conclude, decided, NEXT, ofAttempt, refusedWith } from '../verdict.js';
import type { Row } from './handler.js';

/** A target rings; the caller still hears the bot. */
export const dialling: Row<'dialling'> = {
  targetProgress: (turn, { code }, state) => {
    if (state.progress === 'ringing' || code < 180) return;
    turn.state = { ...state, progress: 'ringing' };
    turn.tell({ type: 'transfer.attempt.ringing', data: { ...ofAttempt(state.transfer), sipCode: code } });
  },

  targetAnswered: (turn, _fact, { transfer, leg }) => {
    turn.stop('ring');
    turn.tell({ type: 'transfer.attempt.answered', data: ofAttempt(transfer) });
    turn.connect('caller', leg);
    turn.state = { phase: 'moving', transfer, leg };
  },

  targetRefused: (turn, { refusal }, { transfer }) =>
    failAttempt(turn, transfer, outcomeOf(refusal), refusedWith(refusal, 'invite', transfer)),

  targetUnusable: (turn, { why }, { transfer }) =>
    failAttempt(turn, transfer, 'media_incompatible', decided('far_end', 'media', transfer, why)),

  targetGone: (turn, { q850, reason }, { transfer }) =>
    failAttempt(turn, transfer, 'unknown', decided('far_end', 'invite', transfer, reason, q850)),

  ringTimeout: (turn, _fact, { transfer, leg }) => {
    turn.release(leg, null);
    failAttempt(turn, transfer, 'no_answer', decided('ring_timer', 'invite', transfer));
  },

  botGone: (turn, _fact, { transfer }) => watchLoneCaller(turn, transfer),
  mediaRefused: (turn, _fact, { transfer }) => limitSilence(turn, transfer),
  aloneTimeout: (turn, _fact, { transfer }) => loneCaller(turn, transfer, 'invite'),
  callerGone: (turn, { q850 }, { transfer }) => callerLeft(turn, transfer, 'invite', q850),

  cancelRequested: (turn, { transferId }, { transfer, leg }) => {
    if (transferId !== transfer.plan.id) return;
    turn.release(leg, null);
    cancelled(turn, transfer, 'invite');
  },

  hangupRequested: (turn, { by, reason }, { transfer }) =>
    hungUpByOrder(turn, transfer, by, reason, 'invite'),
  signallingLost: (turn, _fact, { transfer }) => lostSignalling(turn, transfer, 'invite'),
};

/** Between two attempts at the same target. */
export const retryWait: Row<'retryWait'> = {
  retryDue: (turn, _fact, { transfer }) => startAttempt(turn, { ...transfer, attempt: transfer.attempt + 1 }),
  botGone: (turn, _fact, { transfer }) => watchLoneCaller(turn, transfer),
  mediaRefused: (turn, _fact, { transfer }) => limitSilence(turn, transfer),
  aloneTimeout: (turn, _fact, { transfer }) => loneCaller(turn, transfer, 'retry_wait'),
  callerGone: (turn, { q850 }, { transfer }) => callerLeft(turn, transfer, 'retry_wait', q850),
  cancelRequested: (turn, { transferId }, { transfer }) => {
    if (transferId === transfer.plan.id) cancelled(turn, transfer, 'retry_wait');
  },
  hangupRequested: (turn, { by, reason }, { transfer }) =>
    hungUpByOrder(turn, transfer, by, reason, 'retry_wait'),
  signallingLost: (turn, _fact, { transfer }) => lostSignalling(turn, transfer, 'retry_wait'),
};

/** Nobody has talked to the caller for too long: an honest end beats more silence. */
export function loneCaller(turn: Turn, transfer: Transfer, phase: EvidencePhase): void {
  giveUp(
    turn,
    transfer,
    'timeout',
    decided('engine', phase, transfer, 'nobody talked to the caller and no target answered in time'),
    NEXT.end,
  );
}

export function callerLeft(turn: Turn, transfer: Transfer, phase: EvidencePhase, q850: number | null): void {
  const evidence = decided('caller', phase, transfer, null, q850);
  conclude(turn, transfer, 'transfer.failed', {
    outcome: 'caller_hangup',
    evidence,
    hangup: true,
    next: NEXT.none,
  });
  turn.end('caller', { sipCode: null, q850, text: 'the caller hung up' });
}

export function hungUpByOrder(
  turn: Turn,
  transfer: Transfer,
  by: 'api' | 'bot' | 'engine',
  text: string,
  phase: EvidencePhase,
): void {
  const evidence = decided(by === 'engine' ? 'engine' : 'api', phase, transfer, text);
  conclude(turn, transfer, 'transfer.cancelled', {
    outcome: 'cancelled',
    evidence,
    hangup: false,
    next: NEXT.end,
  });
  turn.end(by, { sipCode: null, q850: 16, text });
}

/** All dialogs are out of reach: the caller is lost to us, whatever it still hears. */
export function lostSignalling(turn: Turn, transfer: Transfer, phase: EvidencePhase): void {
  const evidence = decided('signalling_lost', phase, transfer, 'the SIP server was lost');
  conclude(turn, transfer, 'transfer.failed', {
    outcome: 'server_error',
    evidence,
    hangup: true,
    next: NEXT.none,
  });
  turn.end('signalling_lost', { sipCode: null, q850: null, text: 'the SIP server was lost' });
}

function cancelled(turn: Turn, transfer: Transfer, phase: EvidencePhase): void {
  turn.stop('ring');
  turn.stop('retry');
  const alone = turn.up('bot') === null;
  const evidence = decided('api', phase, transfer);
  conclude(turn, transfer, 'transfer.cancelled', {
    outcome: 'cancelled',
    evidence,
    hangup: false,
    next: alone ? NEXT.end : NEXT.stay,
  });
  if (alone) turn.end('api', { sipCode: null, q850: 16, text: 'transfer cancelled' });
  else backToBot(turn, transfer);
}
