import type { Branch, Home, Referrer, Transfer } from './call.js';
import type { LegId } from './ids.js';
import { letReferrerGo } from './home.js';
import type { TransferPlan } from './plan.js';
import { startAttempt } from './start-attempt.js';
import { MAX_DEPTH } from './timing.js';
import type { Turn } from './turn.js';
import { conclude, decided, NEXT, notifyFinal, ofAttempt } from './verdict.js';

/** Who asks for a transfer, and from where. */
export interface Asked {
  readonly home: Home;
  readonly seat: Transfer['seat'];
  readonly referrer: Referrer | null;
}

/** A transfer is accepted: told, and its first attempt made, unless it is one hand-over too many (S-1). */
export function begin(turn: Turn, plan: TransferPlan, asked: Asked): void {
  const transfer = opened(turn, plan, asked);
  if (transfer !== null) startAttempt(turn, transfer);
}

/** An attended transfer: the target is there already, or already rings. */
export function beginWith(turn: Turn, plan: TransferPlan, asked: Asked, leg: LegId, ringing: boolean): void {
  const transfer = opened(turn, plan, asked);
  if (transfer === null) return turn.release(leg, { sipCode: 482, q850: null, text: 'Loop Detected' });
  const [{ label }] = plan.targets;
  const branch: Branch = { leg, label };
  turn.tell({ type: 'transfer.attempt.started', data: ofAttempt(transfer) });
  if (ringing) {
    turn.state = { phase: 'dialling', transfer, ringing: [branch], progress: 'trying', failure: null };
    turn.start('ring', plan.ringTimeoutMs);
  } else arrive(turn, transfer, branch);
}

/** A target has answered: the party that stays is on its way to it. */
export function arrive(turn: Turn, transfer: Transfer, { leg, label }: Branch): void {
  turn.stop('ring');
  turn.tell({ type: 'transfer.attempt.answered', data: { ...ofAttempt(transfer), answeredBy: label } });
  const { seat, home } = transfer;
  if (seat === 'target' || home.with === 'nobody') {
    turn.connect('caller', leg);
    turn.state = { phase: 'moving', transfer, leg };
    return;
  }
  // The target is the caller from now on; who was it before goes by the target's name, and goes.
  turn.swap('caller', leg);
  letReferrerGo(turn, leg);
  const stays = home.with === 'bot' ? 'bot' : home.leg;
  turn.connect('caller', stays);
  const referrer = transfer.referrer === null ? null : { ...transfer.referrer, leg };
  turn.state = { phase: 'moving', transfer: { ...transfer, referrer }, leg: stays };
}

function opened(turn: Turn, plan: TransferPlan, { home, seat, referrer }: Asked): Transfer | null {
  const depth = (home.with === 'target' ? home.transfer.depth : 0) + 1;
  const transfer: Transfer = { plan, target: 0, way: 0, attempt: 1, retries: {}, home, seat, referrer, depth };
  const { id, sessionId, method, reason, metadata } = plan;
  const targets = [...new Set(plan.targets.map((t) => t.label))];
  turn.tell({
    type: 'transfer.requested',
    data: { transferId: id, sessionId, targets, method, reason, metadata },
  });
  if (depth <= MAX_DEPTH) return transfer;
  const evidence = decided(
    'policy',
    'policy',
    { ...transfer, attempt: 0 },
    `handed on ${MAX_DEPTH} times already without the bot in between`,
  );
  conclude(turn, transfer, 'transfer.failed', { outcome: 'loop', evidence, hangup: false, next: NEXT.stay });
  return null;
}

/** Everybody hears whom they should: the verdict a referrer waits for, and the end of the leg that asked. */
export function settleReferrer(turn: Turn, { referrer }: Transfer): void {
  if (referrer !== null) notifyFinal(turn, referrer, { code: 200, reason: 'OK' });
}
