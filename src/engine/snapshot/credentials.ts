import type { Call, Home, Transfer } from '../../domain/call.js';
import type { DialTarget, Target, TransferPlan, Way } from '../../domain/plan.js';

/** What answers a challenge of a trunk's. */
export type AuthOf = (trunk: string | null) => DialTarget['auth'];

/** The call with these credentials in all that may still be sent; the bot has been dialled, and has none. */
export function withCredentials(call: Call, authOf: AuthOf): Call {
  const { state } = call;
  if (!('transfer' in state)) return call;
  return { ...call, state: { ...state, transfer: inTransfer(state.transfer, authOf) } };
}

const inTransfer = (transfer: Transfer, authOf: AuthOf): Transfer => ({
  ...transfer,
  plan: inPlan(transfer.plan, authOf),
  home: inHome(transfer.home, authOf),
});

const inHome = (home: Home, authOf: AuthOf): Home =>
  home.with === 'target' ? { ...home, transfer: inTransfer(home.transfer, authOf) } : home;

function inPlan(plan: TransferPlan, authOf: AuthOf): TransferPlan {
  const [first, ...rest] = plan.targets;
  const one = (target: Target): Target => inTarget(target, authOf);
  return { ...plan, targets: [one(first), ...rest.map(one)] };
}

function inTarget(target: Target, authOf: AuthOf): Target {
  const [first, ...rest] = target.ways;
  const one = (way: Way): Way => inWay(way, authOf);
  return { ...target, ways: [one(first), ...rest.map(one)] };
}

function inWay(way: Way, authOf: AuthOf): Way {
  switch (way.method) {
    case 'bye':
      return way;
    case 'refer':
      return { ...way, auth: authOf(way.trunk) };
    case 'invite': {
      const [first, ...rest] = way.branches;
      const one = (branch: DialTarget): DialTarget => ({ ...branch, auth: authOf(branch.trunk) });
      return { ...way, branches: [one(first), ...rest.map(one)] };
    }
  }
}
