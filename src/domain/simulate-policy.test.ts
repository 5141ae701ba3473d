import { describe, expect, it } from 'vitest';
import type { FallbackRule } from './plan.js';
import type { Channel, Queue } from './settings.js';
import {
  simulateChannel,
  simulatePolicy,
  type PolicySimulation,
  type SimulatedStep,
} from './simulate-policy.js';

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
const shown = (steps: readonly SimulatedStep[]) =>
  steps.map(
    ({ attempt, target, matching, decision }) =>
      `${attempt} ${target} ${decision.kind} [${matching.join(',')}]`,
  );

const walk = (
  onFailure: readonly FallbackRule[],
  over: Partial<PolicySimulation> = {},
  otherwise: 'stay' | 'end' = 'stay',
) => shown(simulatePolicy({ written: onFailure, onFailure, otherwise }, simulation(over)));

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

describe('the simulation of a policy on a channel', () => {
  const queue = (name: string, over: Partial<Queue> = {}): [string, Queue] => [
    name,
    {
      name,
      members: ['sip:ann@10.0.0.1', 'sip:bob@10.0.0.1'],
      strategy: 'sequential',
      maxWaitMs: 1000,
      music: null,
      overflow: null,
      ...over,
    },
  ];
  const settings = {
    transfer: { onFailure: [{ match: ['*'], action: END } as const] },
    targets: {
      queues: new Map([
        queue('support', { overflow: { node: 'Sorry' } }),
        queue('plain'),
        queue('chain', { strategy: 'ringAll', overflow: { target: { queue: 'support' } } }),
      ]),
      extensions: new Map([['101', { queue: 'chain' }]]),
    },
  };
  const BOT: Channel['answer'] = { by: 'bot', bot: { kind: 'sip', uri: 'sip:bot@10.0.0.1' } };
  const run = (
    over: Partial<PolicySimulation>,
    channel: Pick<Channel, 'answer' | 'transfer'> = { answer: BOT, transfer: {} },
  ) => {
    const [target = 'a'] = over.targets ?? [];
    return shown(simulateChannel(settings, channel, simulation({ target, ...over })));
  };

  it('tries every member of a queue, whatever the rules say, and then its node before a catch-all', () => {
    expect(run({ targets: ['support'] })).toEqual(['1 support next [1]', '2 support goto [1]']);
    expect(run({ targets: ['support', 'x'] })).toEqual([
      '1 support next [1]',
      '2 support next [1]',
      '3 x end [1]',
    ]);
  });

  it('asks the rules after the last member, also when another target follows', () => {
    expect(run({ targets: ['plain', 'x'] })).toEqual(['1 plain next [1]', '2 plain end [1]']);
  });

  it("rules of the request go before a queue's node, as those of a command do", () => {
    const onFailure: FallbackRule[] = [{ match: ['busy'], action: END }];
    expect(run({ targets: ['support'], onFailure })).toEqual(['1 support next [1]', '2 support end [1]']);
    const failure = { outcome: 'no_answer', sipCode: null } as const;
    expect(run({ targets: ['support'], onFailure, failure })).toEqual([
      '1 support next []',
      '2 support goto []',
    ]);
  });

  it('follows an extension to a queue, and the queue to its overflow', () => {
    expect(run({ targets: ['101'] })).toEqual(['1 101 next [1]', '2 support next [1]', '3 support goto [1]']);
  });

  it("takes the channel's rules before the defaults, and numbers what is no name as it stands", () => {
    const transfer = { onFailure: [{ match: ['no_answer'], action: END } as const] };
    expect(run({ targets: ['7'] }, { answer: BOT, transfer })).toEqual(['1 7 stay []']);
    expect(run({ targets: ['7'] })).toEqual(['1 7 end [1]']);
  });

  it('ends where no rule acts if the request says so, or nobody is there to stay with', () => {
    const transfer = { onFailure: [] };
    const routed = { answer: { by: 'route', to: 'requestUri' }, transfer } as const;
    const bot = { answer: BOT, transfer };
    expect([run({ targets: ['7'] }, routed), run({ targets: ['7'] }, bot)]).toEqual([
      ['1 7 leave []'],
      ['1 7 stay []'],
    ]);
    expect(run({ targets: ['7'], otherwise: 'end' }, bot)).toEqual(['1 7 leave []']);
    expect(run({ targets: ['7'], otherwise: 'stay' }, routed)).toEqual(['1 7 stay []']);
  });
});
