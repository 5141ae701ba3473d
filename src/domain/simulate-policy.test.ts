import { describe, expect, it } from 'vitest';
import type { FallbackRule } from './plan.js';
import { simulatePolicy, type PolicySimulation } from './simulate-policy.js';

const NEXT = { kind: 'next' } as const;
const END = { kind: 'end', message: null } as const;
const BUSY = { outcome: 'busy', sipCode: 486 } as const;

const simulation = (over: Partial<PolicySimulation> = {}): PolicySimulation => ({
  failure: BUSY,
  targets: ['a', 'b', 'c'],
  target: 'a',
  attempt: 1,
  ...over,
});

/** `attempt target decision [rules]`, to be read in one line. */
const walk = (
  onFailure: readonly FallbackRule[],
  over: Partial<PolicySimulation> = {},
  otherwise: 'stay' | 'end' = 'stay',
) =>
  simulatePolicy({ onFailure, otherwise }, simulation(over)).map(
    ({ attempt, target, matching, decision }) =>
      `${attempt} ${target} ${decision.kind} [${matching.join(',')}]`,
  );

describe('the simulation of a fallback policy', () => {
  it('without rules tries every target, then does what the call does otherwise', () => {
    expect(walk([])).toEqual(['1 a next []', '2 b next []', '3 c stay []']);
    expect(walk([], {}, 'end')).toEqual(['1 a next []', '2 b next []', '3 c leave []']);
  });

  it('passes over retries and targets that are used up', () => {
    const rules: FallbackRule[] = [
      { match: ['busy'], action: { kind: 'retry', afterMs: 10, times: 2 } },
      { match: ['4xx'], action: NEXT },
      { match: ['*'], action: END },
    ];
    expect(walk(rules, { targets: ['a', 'b'] })).toEqual([
      '1 a retry [1,2,3]',
      '2 a retry [1,2,3]',
      '3 a next [1,2,3]',
      '4 b end [1,2,3]',
    ]);
  });

  it('starts where it is told to, and sees attempts and targets as the rules do', () => {
    const rules: FallbackRule[] = [
      { match: ['*'], target: 'c', action: { kind: 'goto', node: 'Sorry', message: null } },
      { match: ['486'], attempt: 4, action: END },
    ];
    expect(walk(rules, { target: 'b', attempt: 3 })).toEqual(['3 b next []', '4 c goto [1,2]']);
    expect(walk(rules, { target: 'b', attempt: 4 })).toEqual(['4 b end [2]']);
  });

  it('knows a failure without a SIP code by its outcome only', () => {
    const rules: FallbackRule[] = [{ match: ['4xx'], action: END }];
    expect(walk(rules, { failure: { outcome: 'no_answer', sipCode: null }, targets: ['a'] })).toEqual([
      '1 a stay []',
    ]);
  });

  it('ends, whatever the policy', () => {
    const retry: FallbackRule = { match: ['*'], action: { kind: 'retry', afterMs: 0, times: 10 } };
    const steps = walk(Array<FallbackRule>(64).fill(retry));
    expect(steps).toHaveLength(643);
    expect(steps.at(-1)).toMatch(/^643 c stay/);
  });
});
