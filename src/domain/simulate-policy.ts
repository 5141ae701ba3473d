import { decide, type Decision, type Failure, matches } from './fallback.js';
import type { FallbackRule } from './plan.js';

/** A failure that keeps happening, and the policy it happens to. */
export interface PolicySimulation {
  readonly failure: Pick<Failure, 'outcome' | 'sipCode'>;
  /** Labels in the order in which they are tried. */
  readonly targets: readonly [string, ...string[]];
  /** The target that fails first: one of `targets`. */
  readonly target: string;
  /** Number of the attempt that fails first, counted from 1. */
  readonly attempt: number;
  /** Absent: the rules of the channel. */
  readonly onFailure?: readonly FallbackRule[];
}

/** One failed attempt and what comes of it. */
export interface SimulatedStep {
  readonly attempt: number;
  readonly target: string;
  /** Numbers, from 1, of the rules that match this failure; the first that can still act does. */
  readonly matching: readonly number[];
  readonly decision: Decision;
}

/** `retry` at most 10 times in each of 64 rules, then one target after the other: no policy gets beyond this. */
const MAX_STEPS = 1000;

/**
 * Walks from failure to failure with the engine's own {@link decide} until something else than another attempt comes
 * of one. Ways to the same target (a second trunk, the business number) belong to an attempt and are not shown.
 */
export function simulatePolicy(
  policy: Parameters<typeof decide>[0],
  { failure, targets, target: first, attempt: from }: PolicySimulation,
): readonly SimulatedStep[] {
  const steps: SimulatedStep[] = [];
  const retries: Record<number, number> = {};
  let at = Math.max(0, targets.indexOf(first));
  for (let attempt = from; steps.length < MAX_STEPS; attempt++) {
    const target = targets[at] ?? first;
    const failed: Failure = { ...failure, target, attempt };
    const decision = decide(policy, failed, at + 1 < targets.length, retries);
    steps.push({ attempt, target, matching: matching(policy.onFailure, failed), decision });
    if (decision.kind === 'next') at += 1;
    else if (decision.kind === 'retry') retries[decision.rule] = (retries[decision.rule] ?? 0) + 1;
    else break;
  }
  return steps;
}

const matching = (rules: readonly FallbackRule[], failure: Failure): readonly number[] =>
  rules.flatMap((rule, i) => (matches(rule, failure) ? [i + 1] : []));
