import type { Outcome } from './outcome.js';
import type { FailureMatch, FallbackAction, FallbackRule, TransferPlan } from './plan.js';

/** A failed attempt as the fallback rules see it. */
export interface Failure {
  readonly outcome: Outcome;
  readonly sipCode: number | null;
  readonly target: string;
  readonly attempt: number;
  /** A member of a queue that is not its last (`Target.huntsOn`). */
  readonly huntsOn?: true;
}

/** What to do after a failed attempt: a rule's action, or the plan's own way out. */
export type Decision =
  | { readonly kind: 'next' }
  | { readonly kind: 'retry'; readonly afterMs: number; readonly rule: number }
  | Exclude<FallbackAction, { kind: 'next' } | { kind: 'retry' }>
  | { readonly kind: 'stay' }
  | { readonly kind: 'leave' };

/**
 * The action for a failure (CONTRACT 2: first match wins). Within a queue a failed member gives way to the next one,
 * for rules speak of a whole target. A rule that cannot act any more (no next target, retries
 * used up) is passed over. Without a rule: the next target, then the plan's `otherwise`.
 *
 * @param retries how often each rule (by index) has already retried
 */
export function decide(
  plan: Pick<TransferPlan, 'onFailure' | 'otherwise'>,
  failure: Failure,
  hasNext: boolean,
  retries: Readonly<Record<number, number>>,
): Decision {
  if (failure.huntsOn === true && hasNext) return { kind: 'next' };
  for (const [index, rule] of plan.onFailure.entries()) {
    if (!matches(rule, failure)) continue;
    const { action } = rule;
    if (action.kind === 'next') {
      if (hasNext) return action;
    } else if (action.kind === 'retry') {
      if ((retries[index] ?? 0) < action.times)
        return { kind: 'retry', afterMs: action.afterMs, rule: index };
    } else return action;
  }
  if (hasNext) return { kind: 'next' };
  return plan.otherwise === 'stay' ? { kind: 'stay' } : { kind: 'leave' };
}

/** Whether a rule speaks of this failure, also when it cannot act any more. */
export function matches(rule: FallbackRule, failure: Failure): boolean {
  if (rule.target !== undefined && rule.target !== failure.target) return false;
  if (rule.attempt !== undefined && rule.attempt !== failure.attempt) return false;
  return rule.match.some((m) => matchesOne(m, failure));
}

function matchesOne(match: FailureMatch, { outcome, sipCode }: Failure): boolean {
  if (match === '*' || match === outcome) return true;
  if (sipCode === null) return false;
  return match === String(sipCode) || match === `${Math.floor(sipCode / 100)}xx`;
}
