import type { NextStep } from './bot-event.js';
import type { AttemptFailure, Referrer, Transfer } from './call.js';
import type { SipStatus } from './effect.js';
import type { Fact } from './fact.js';
import type { DecidedBy, Evidence, EvidencePhase, Outcome, Refusal, TransferStatus } from './outcome.js';
import { Q850_OUTCOMES } from './outcome-table.js';
import type { RefusedPlan, Target, Way, WayReason } from './plan.js';
import { ask } from './script.js';
import type { Turn } from './turn.js';

export const targetOf = (transfer: Transfer): Target =>
  transfer.plan.targets[transfer.target] ?? transfer.plan.targets[0];

export function wayOf(transfer: Transfer): Way {
  const { ways } = targetOf(transfer);
  return ways[transfer.way] ?? ways[0];
}

export const ofTransfer = ({
  plan,
}: Transfer): { transferId: Transfer['plan']['id']; sessionId: Transfer['plan']['sessionId'] } => ({
  transferId: plan.id,
  sessionId: plan.sessionId,
});

/** The attempt as events show it. */
export function ofAttempt(transfer: Transfer): ReturnType<typeof ofTransfer> & {
  attempt: {
    n: number;
    of: number;
    target: string;
    method: string;
    trunk: string | null;
    because: WayReason | null;
  };
} {
  const { plan, attempt } = transfer;
  const { label } = targetOf(transfer);
  const { method, trunk, after } = wayOf(transfer);
  return {
    ...ofTransfer(transfer),
    attempt: { n: attempt, of: plan.targets.length, target: label, method, trunk, because: after },
  };
}

/** Evidence for a verdict no SIP status stands behind. */
export function decided(
  by: DecidedBy,
  phase: EvidencePhase,
  transfer: Transfer,
  reason: string | null = null,
  q850: number | null = null,
): Evidence {
  return { sipCode: null, sipReason: reason, q850, phase, decidedBy: by, attempt: transfer.attempt };
}

/** Evidence for a refusal: the far end's own words, or the code our stack made up in its place; no code of our own. */
export function refusedWith(refusal: Refusal, phase: EvidencePhase, transfer: Transfer): Evidence {
  if (refusal.by === 'policy') return decided('policy', 'policy', transfer, refusal.reason);
  const decidedBy = refusal.by === 'local' ? 'transaction_timer' : 'far_end';
  return {
    sipCode: refusal.code,
    sipReason: refusal.reason,
    q850: refusal.q850,
    phase,
    decidedBy,
    attempt: transfer.attempt,
  };
}

/** A target that had answered and is gone: its own word, or the loss of the endpoint it was heard at. */
export function departure(
  { by, q850, reason }: Pick<Extract<Fact, { type: 'targetGone' }>, 'by' | 'q850' | 'reason'>,
  phase: 'invite' | 'media',
  transfer: Transfer,
): AttemptFailure {
  const evidence = decided(by, phase, transfer, reason, q850);
  if (by === 'engine') return { outcome: 'server_error', evidence };
  const usual = phase === 'invite' ? 'unknown' : 'declined';
  return { outcome: (q850 === null ? undefined : Q850_OUTCOMES[q850]) ?? usual, evidence };
}

export const NEXT = {
  stay: { action: 'stay', node: null, message: null },
  end: { action: 'end', node: null, message: null },
  returning: { action: 'return', node: null, message: null },
  none: { action: 'none', node: null, message: null },
} as const satisfies Record<string, NextStep>;

/** The exactly-one terminal event of a transfer (DESIGN invariant 1); afterwards the phase holds no pending transfer. */
export function conclude(
  turn: Turn,
  transfer: Transfer,
  type: 'transfer.completed' | 'transfer.failed' | 'transfer.cancelled',
  verdict: { outcome: Outcome; evidence: Evidence; hangup: boolean; next: NextStep },
): void {
  const { outcome, evidence, hangup, next } = verdict;
  const status = outcome === 'answered' ? 'SUCCESS' : 'FAIL';
  const transferStatus: TransferStatus = { status, hangup, number: targetOf(transfer).label };
  turn.lastStatus = transferStatus;
  const question = transfer.home.with === 'script' && STAYS.has(next.action) ? ask(turn) : null;
  turn.tell({ type, data: { ...ofTransfer(transfer), outcome, evidence, next, transferStatus } }, question);
  if (transfer.referrer !== null) notifyFinal(turn, transfer.referrer, finalStatus(outcome, evidence));
}

/** Ways a transfer ends that leave a caller with its bot. */
const STAYS: ReadonlySet<NextStep['action']> = new Set(['stay', 'goto', 'play', 'return']);

/** A transfer that may not be made: asked for and failed in one breath, so that no command stays without an outcome. */
export function refuse(turn: Turn, refused: RefusedPlan, next: NextStep = NEXT.stay): void {
  const { id, sessionId, targets, method, reason, metadata, outcome, why } = refused;
  turn.tell({
    type: 'transfer.requested',
    data: { transferId: id, sessionId, targets, method, reason, metadata },
  });
  const evidence: Evidence = {
    sipCode: null,
    sipReason: why,
    q850: null,
    phase: 'policy',
    decidedBy: 'policy',
    attempt: 0,
  };
  const transferStatus: TransferStatus = { status: 'FAIL', hangup: false, number: targets[0] ?? '' };
  turn.lastStatus = transferStatus;
  turn.tell(
    {
      type: 'transfer.failed',
      data: { transferId: id, sessionId, outcome, evidence, next, transferStatus },
    },
    turn.state.phase === 'withBot' && STAYS.has(next.action) ? ask(turn) : null,
  );
}

/** The last NOTIFY of a REFER we took: its sipfrag is the verdict (RFC 3515 2.4.4). Whoever has left needs none. */
export function notifyFinal(turn: Turn, { leg, referId }: Referrer, status: SipStatus): void {
  if (turn.up(leg) === null) return;
  turn.effect({ type: 'notifyRefer', leg, referId, ...status, final: true });
}

/** A NOTIFY on the way: what the target's phone does (RFC 3515 2.4.5). */
export function notifyProgress(turn: Turn, { referrer }: Transfer, { code, reason }: SipStatus): void {
  if (referrer === null || code < 180 || turn.up(referrer.leg) === null) return;
  turn.effect({ type: 'notifyRefer', ...referrer, code, reason, final: false });
}

/** What a referrer is told: the far end's own words, or, where nothing was said, a code that means the same. */
function finalStatus(outcome: Outcome, { sipCode, sipReason }: Evidence): SipStatus {
  if (outcome === 'answered') return { code: 200, reason: 'OK' };
  if (sipCode !== null && sipCode >= 300) return { code: sipCode, reason: sipReason ?? 'Failed' };
  return TOLD_AS[outcome] ?? { code: 500, reason: 'Server Internal Error' };
}

const TOLD_AS: Readonly<Partial<Record<Outcome, SipStatus>>> = {
  busy: { code: 486, reason: 'Busy Here' },
  no_answer: { code: 480, reason: 'Temporarily Unavailable' },
  timeout: { code: 408, reason: 'Request Timeout' },
  declined: { code: 603, reason: 'Decline' },
  forbidden: { code: 403, reason: 'Forbidden' },
  caller_hangup: { code: 487, reason: 'Request Terminated' },
  cancelled: { code: 487, reason: 'Request Terminated' },
  media_incompatible: { code: 488, reason: 'Not Acceptable Here' },
  loop: { code: 482, reason: 'Loop Detected' },
  congestion: { code: 503, reason: 'Service Unavailable' },
  unreachable: { code: 480, reason: 'Temporarily Unavailable' },
};
