import type { NextStep } from './bot-event.js';
import type { Transfer } from './call.js';
import type { DecidedBy, Evidence, EvidencePhase, Outcome, Refusal, TransferStatus } from './outcome.js';
import type { DialTarget } from './plan.js';
import type { Turn } from './turn.js';

export const targetOf = (transfer: Transfer): DialTarget =>
  transfer.plan.targets[transfer.target] ?? transfer.plan.targets[0];

export const ofTransfer = ({
  plan,
}: Transfer): { transferId: Transfer['plan']['id']; sessionId: Transfer['plan']['sessionId'] } => ({
  transferId: plan.id,
  sessionId: plan.sessionId,
});

/** The attempt as events show it. */
export function ofAttempt(transfer: Transfer): ReturnType<typeof ofTransfer> & {
  attempt: { n: number; of: number; target: string; method: string; trunk: string | null };
} {
  const { label, trunk } = targetOf(transfer);
  const { plan, attempt } = transfer;
  return {
    ...ofTransfer(transfer),
    attempt: { n: attempt, of: plan.targets.length, target: label, method: plan.method, trunk },
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

/** Evidence for a refusal: the far end's own words, or the code our stack made up in its place. */
export function refusedWith(refusal: Refusal, phase: EvidencePhase, transfer: Transfer): Evidence {
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
  turn.tell({ type, data: { ...ofTransfer(transfer), outcome, evidence, next, transferStatus } });
}
