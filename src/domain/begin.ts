import type { Branch, Home, Referrer, Transfer } from './call.js';
import { giveUp } from './fail-attempt.js';
import type { LegId } from './ids.js';
import type { Outcome } from './outcome.js';
import type { Target, TransferPlan } from './plan.js';
import { announce } from './announce.js';
import { suspendScript } from './script.js';
import { meet } from './introduce.js';
import { MAX_DEPTH } from './timing.js';
import type { Turn } from './turn.js';
import { decided, NEXT, ofAttempt, wayOf } from './verdict.js';
import { waitAtHome } from './waiting.js';

/** Who asks for a transfer, and from where. */
export interface Asked {
  readonly home: Home;
  readonly seat: Transfer['seat'];
  readonly referrer: Referrer | null;
}

/** A transfer is accepted: told, and its first attempt made, unless it is one hand-over too many (S-1). */
export function begin(turn: Turn, plan: TransferPlan, asked: Asked): void {
  const transfer = opened(turn, onlyInvites(asked) ? invitesOf(plan) : plan, asked);
  if (transfer === null) return;
  if (!onlyInvites(asked) || wayOf(transfer).method === 'invite') return announce(turn, transfer);
  refused(turn, transfer, 'not_supported', 'neither REFER nor BYE can hand over this party');
}

/** An attended transfer: the target is there already, or already rings. */
export function beginWith(turn: Turn, plan: TransferPlan, asked: Asked, leg: LegId, ringing: boolean): void {
  const transfer = opened(turn, plan, asked);
  if (transfer === null) return turn.release(leg, { sipCode: 482, q850: null, text: 'Loop Detected' });
  const [{ label }] = plan.targets;
  const branch: Branch = { leg, label, briefing: null };
  turn.tell({ type: 'transfer.attempt.started', data: ofAttempt(transfer) });
  if (ringing) {
    turn.state = { phase: 'dialling', transfer, ringing: [branch], progress: 'trying', failure: null };
    turn.start('ring', plan.ringTimeoutMs);
    waitAtHome(turn, transfer);
  } else arrive(turn, transfer, branch);
}

/** A target has answered: the party that stays is on its way to it. */
export function arrive(turn: Turn, transfer: Transfer, { leg, label }: Branch): void {
  turn.stop('ring');
  turn.tell({ type: 'transfer.attempt.answered', data: { ...ofAttempt(transfer), answeredBy: label } });
  const { seat, home } = transfer;
  if (seat === 'target' || home.with === 'nobody' || home.with === 'script') return meet(turn, transfer, leg);
  // The target is the caller from now on; who was it before goes by the target's name, and goes.
  turn.swap('caller', leg);
  const stays = home.with === 'target' ? home.leg : 'bot';
  turn.connect('caller', stays);
  const referrer = transfer.referrer === null ? null : { ...transfer.referrer, leg };
  turn.state = { phase: 'moving', transfer: { ...transfer, referrer }, leg: stays };
}

function opened(turn: Turn, plan: TransferPlan, { home, seat, referrer }: Asked): Transfer | null {
  const depth = (home.with === 'target' ? home.transfer.depth : 0) + 1;
  const transfer: Transfer = {
    plan,
    target: 0,
    way: 0,
    attempt: 1,
    retries: {},
    home,
    seat,
    referrer,
    depth,
  };
  if (home.with === 'script') suspendScript(turn);
  const { id, sessionId, method, reason, metadata } = plan;
  const targets = [...new Set(plan.targets.map((t) => t.label))];
  turn.tell({
    type: 'transfer.requested',
    data: { transferId: id, sessionId, targets, method, reason, metadata },
  });
  if (depth <= MAX_DEPTH) return transfer;
  refused(turn, transfer, 'loop', `handed on ${MAX_DEPTH} times already without the bot in between`);
  return null;
}

/** No attempt is made: everybody stays where they are. */
function refused(turn: Turn, transfer: Transfer, outcome: Outcome, why: string): void {
  const evidence = decided('policy', 'policy', { ...transfer, attempt: 0 }, why);
  giveUp(turn, transfer, { outcome, evidence }, NEXT.stay);
}

/** REFER and BYE go to the network of an answered caller; nobody else can be handed over by them. */
const onlyInvites = ({ home, seat }: Asked): boolean => seat === 'caller' || home.with === 'nobody';

/** The plan without ways by other methods, or the plan as it is when nothing would be left of it. */
function invitesOf(plan: TransferPlan): TransferPlan {
  const targets = plan.targets.flatMap((target): Target[] => {
    const [first, ...rest] = target.ways.filter(({ method }) => method === 'invite');
    return first === undefined ? [] : [{ ...target, ways: [{ ...first, after: null }, ...rest] }];
  });
  const [first, ...rest] = targets;
  return first === undefined ? plan : { ...plan, targets: [first, ...rest] };
}
