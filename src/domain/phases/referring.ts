import type { State, Transfer } from '../call.js';
import { degrade, failAttempt, stopAttempt } from '../fail-attempt.js';
import { concludeHome, consoleParty } from '../home.js';
import { callerLeft, SERVER_LOST } from '../leaving.js';
import type { Outcome } from '../outcome.js';
import { outcomeOf } from '../outcome-table.js';
import type { Turn } from '../turn.js';
import {
  conclude,
  decided,
  NEXT,
  notifyProgress,
  ofAttempt,
  refusedWith,
  targetOf,
  wayOf,
} from '../verdict.js';
import type { Row } from './handler.js';
import { underWay } from './under-way.js';

type Referring = Extract<State, { phase: 'referring' }>;

/**
 * REFER is out (RFC 3515). The caller stays at home until a final NOTIFY says that somebody has answered it; only a
 * 2xx is success, and a subscription that ends without a final status is `unknown`, never success (DESIGN invariant 6).
 */
export const referring: Row<'referring'> = {
  ...underWay,

  referAccepted: (turn, _fact, state) => {
    if (state.stage === 'asked') accepted(turn, state);
  },

  referRefused: (turn, { refusal }, { transfer }) => {
    const evidence = refusedWith(refusal, 'refer_response', transfer);
    // Nobody said no to the person: the network does not do this.
    const byMethod = refusal.by === 'far_end' && METHOD_REFUSED.has(refusal.code);
    if (!byMethod) return failAttempt(turn, transfer, referOutcome(refusal), evidence);
    learn(turn, transfer, false);
    degrade(turn, transfer, outcomeOf(refusal), evidence);
  },

  referProgress: (turn, { status, terminated }, asked) => {
    const state = asked.stage === 'asked' ? accepted(turn, asked) : asked;
    const { transfer } = state;
    if (status === null || status.code < 200)
      return terminated ? neverTold(turn, transfer, status?.code ?? null) : progress(turn, state, status);
    if (status.code < 300) return handedOver(turn, transfer, status.code);
    const refusal = { ...status, q850: null, retryAfterMs: null, by: 'far_end' } as const;
    failAttempt(turn, transfer, outcomeOf(refusal), refusedWith(refusal, 'notify', transfer));
  },

  referTimeout: (turn, { timer }, { transfer }) => {
    const { outcome, why, phase } = OVERDUE[timer];
    failAttempt(turn, transfer, outcome, decided('refer_timer', phase, transfer, why));
  },

  ringTimeout: (turn, _fact, { transfer }) =>
    failAttempt(
      turn,
      transfer,
      'unknown',
      decided('ring_timer', 'notify', transfer, 'no final NOTIFY in time'),
    ),

  mediaRefused: (turn, _fact, { transfer }) => consoleParty(turn, transfer),

  /** BYE before the final NOTIFY: handed over, given up, hung up by the caller? Nobody will ever say. */
  callerGone: (turn, { q850 }, state) => {
    if (state.stage === 'asked') return callerLeft(turn, state, q850);
    const why = 'the caller left before its network said how the transfer ended';
    const evidence = decided('far_end', 'notify', state.transfer, why, q850);
    conclude(turn, state.transfer, 'transfer.failed', {
      outcome: 'unknown',
      evidence,
      hangup: true,
      next: NEXT.none,
    });
    concludeHome(turn, state.transfer, 'caller', true, q850);
    turn.end('caller', { sipCode: null, q850, text: why });
  },
};

/** The transfer has its verdict; the caller's network takes it away with a BYE, or we send one. */
export const departing: Row<'departing'> = {
  played: (turn, { leg }) => turn.want(leg, { kind: 'held' }),
  callerGone: (turn, { q850 }) =>
    turn.end('transfer', { sipCode: null, q850, text: 'the caller was transferred' }),
  departTimeout: (turn) =>
    turn.end('transfer', { sipCode: 200, q850: 16, text: 'the caller was transferred' }),
  hangupRequested: (turn, { by, reason }) => turn.end(by, { sipCode: null, q850: 16, text: reason }),
  signallingLost: (turn) => turn.end('signalling_lost', SERVER_LOST),
};

/** Codes by which a far end refuses the method, not the target: 403 is a carrier whose customer may not transfer. */
const METHOD_REFUSED: ReadonlySet<number> = new Set([403, 405, 420, 489, 501, 603]);

const OVERDUE = {
  referResponse: { outcome: 'timeout', phase: 'refer_response', why: 'no response to REFER' },
  firstNotify: { outcome: 'unknown', phase: 'notify', why: 'REFER accepted, but no NOTIFY came' },
  referTotal: { outcome: 'unknown', phase: 'notify', why: 'no final NOTIFY in time' },
} as const;

/** A REFER nobody answered is a timeout; otherwise its code means what it means on an INVITE. */
function referOutcome(refusal: Parameters<typeof outcomeOf>[0]): Outcome {
  return refusal.by === 'local' && refusal.code === 408 ? 'timeout' : outcomeOf(refusal);
}

function accepted(turn: Turn, state: Referring): Referring {
  turn.stop('referResponse');
  turn.start('firstNotify', state.transfer.plan.refer.firstNotifyMs);
  learn(turn, state.transfer, true);
  const next = { ...state, stage: 'accepted' } as const;
  turn.state = next;
  return next;
}

function progress(turn: Turn, state: Referring, status: { code: number; reason: string } | null): void {
  const { transfer, stage } = state;
  if (stage === 'accepted') {
    turn.stop('firstNotify');
    turn.start('ring', transfer.plan.ringTimeoutMs);
    turn.state = { ...state, stage: 'notified' };
  }
  if (status === null || status.code < 180) return;
  notifyProgress(turn, transfer, status);
  if (stage === 'ringing') return;
  turn.state = { ...state, stage: 'ringing' };
  turn.tell({ type: 'transfer.attempt.ringing', data: { ...ofAttempt(transfer), sipCode: status.code } });
}

/** The subscription is over and the last word was a provisional one, or none. */
function neverTold(turn: Turn, transfer: Transfer, sipCode: number | null): void {
  const why = 'the subscription ended without a final status';
  const evidence = { ...decided('far_end', 'notify', transfer, why), sipCode };
  failAttempt(turn, transfer, 'unknown', evidence);
}

function handedOver(turn: Turn, transfer: Transfer, sipCode: number): void {
  stopAttempt(turn);
  turn.stop('alone');
  const { label } = targetOf(transfer);
  turn.tell({ type: 'transfer.attempt.answered', data: { ...ofAttempt(transfer), answeredBy: label } });
  const evidence = { ...decided('far_end', 'notify', transfer), sipCode };
  const verdict = { outcome: 'answered', evidence, hangup: false, next: NEXT.none } as const;
  conclude(turn, transfer, 'transfer.completed', verdict);
  concludeHome(turn, transfer, 'far_end', false);
  for (const leg of turn.legs.keys())
    if (leg !== 'caller') turn.release(leg, { sipCode: 200, q850: null, text: 'transferred' });
  turn.start('depart', transfer.plan.refer.departMs);
  turn.state = { phase: 'departing' };
}

function learn(turn: Turn, transfer: Transfer, takesRefer: boolean): void {
  const { trunk } = wayOf(transfer);
  if (trunk !== null) turn.effect({ type: 'learn', trunk, takesRefer });
}
