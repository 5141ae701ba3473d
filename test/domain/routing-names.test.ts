import { describe, expect, it } from 'vitest';
import { decide } from '../../src/domain/fallback.js';
import type { TransferPlan } from '../../src/domain/plan.js';
import { invite, RoutingBench, shape } from '../support/routing-bench.js';

const [A, B, C] = ['sip:a@10.0.0.9', 'sip:b@10.0.0.9', 'sip:c@10.0.0.9'];
const queue = (keys: string) => `{ members: [ "${A}", "${B}", "${C}" ], ${keys} }`;

/** A bench with queue `q` and extension `7001` for it. */
const withQueue = (keys: string, more: { targets?: string; channel?: string; rest?: string } = {}) =>
  new RoutingBench({
    channel: more.channel ?? '',
    more: `targets:
  queues: { q: ${queue(keys)}, ${more.targets ?? ''} }
  extensions: { "7001": { queue: q }, "7002": { extension: "7001" }, bob: { sipUri: "${A}" }, home: { phoneNumber: "+16125550123" } }
${more.rest ?? ''}`,
  });

const labels = (bench: RoutingBench, target: { queue: string } | { extension: string }) =>
  bench.plan({ targets: [target] }).targets.map(({ label, ways }) => [label, ...shape(ways)]);

describe('queues', () => {
  it('ringAll: one target whose members ring together', () => {
    const plan = withQueue('strategy: ringAll').plan({ targets: [{ queue: 'q' }] });
    expect(plan.targets).toHaveLength(1);
    expect(plan.targets[0].label).toBe('q');
    const way = invite(plan.targets[0].ways[0]);
    expect(way.branches.map(({ label, uri }) => [label, uri])).toEqual([
      [A, A],
      [B, B],
      [C, C],
    ]);
    expect([way.trunk, plan.onFailure]).toEqual([null, []]);
  });

  it('the way is of the trunk all its members share', () => {
    const bench = new RoutingBench({
      more: 'targets: { queues: { q: { members: [ "sip:a@10.0.0.1:5080", "sip:b@10.0.0.1:5080" ] } } }',
    });
    expect(bench.ways({ targets: [{ queue: 'q' }] })).toMatchObject([{ trunk: 'carrier' }]);
  });

  it('sequential: one target per member, from the top', () => {
    expect(labels(withQueue('strategy: sequential'), { queue: 'q' })).toEqual([
      ['q', `invite - first ${A}`],
      ['q', `invite - first ${B}`],
      ['q', `invite - first ${C}`],
    ]);
  });

  it.each([
    [0, [A, B, C]],
    [1, [B, C, A]],
    [2, [C, A, B]],
    [3, [A, B, C]],
    [7, [B, C, A]],
  ])('roundRobin: turn %i begins with the next one', (turn, members) => {
    const bench = withQueue('strategy: roundRobin');
    const asked: string[] = [];
    bench.knowledge = {
      ...bench.knowledge,
      next: (name) => {
        asked.push(name);
        return turn;
      },
    };
    const { targets } = bench.plan({ targets: [{ queue: 'q' }] });
    expect(targets.map(({ ways: [way] }) => invite(way).branches[0].label)).toEqual(members);
    expect(asked).toEqual(['q']);
  });

  it('maxWaitMs limits how long they ring, together or divided', () => {
    const rings = (keys: string, command = {}) =>
      withQueue(keys)
        .plan({ targets: [{ queue: 'q' }], ...command })
        .targets.map(({ ringTimeoutMs }) => ringTimeoutMs);
    expect(rings('strategy: ringAll, maxWaitMs: 9000')).toEqual([9000]);
    expect(rings('strategy: sequential, maxWaitMs: 9000')).toEqual([3000, 3000, 3000]);
    expect(rings('strategy: ringAll, maxWaitMs: 60000')).toEqual([undefined]);
    expect(rings('strategy: ringAll, maxWaitMs: 9000', { ringTimeoutMs: 5000 })).toEqual([undefined]);
  });

  it('an overflow target is one more target, by its own name', () => {
    const bench = withQueue('strategy: ringAll, overflow: { phoneNumber: "+16125550123" }');
    expect(labels(bench, { queue: 'q' }).map(([label]) => label)).toEqual(['q', '+16125550123']);
    const chain = withQueue('overflow: { queue: r }', {
      targets: `r: { members: [ "${A}" ], overflow: { node: Sorry } }`,
    });
    expect(labels(chain, { queue: 'q' }).map(([label]) => label)).toEqual(['q', 'r']);
  });
});

describe('extensions', () => {
  it('go to what they stand for and keep their name', () => {
    const bench = withQueue('strategy: sequential');
    expect(labels(bench, { extension: 'bob' })).toEqual([['bob', `invite - first ${A}`]]);
    expect(labels(bench, { extension: '7002' }).map(([label]) => label)).toEqual(['7002', '7002', '7002']);
    expect(bench.ways({ targets: [{ extension: 'home' }] })[0]).toMatchObject({
      trunk: 'carrier',
      branches: [{ label: 'home', uri: 'sip:+16125550123@10.0.0.1:5080' }],
    });
  });

  it('may bring digits for after the answer; the command has the last word', () => {
    const bench = new RoutingBench({
      carrier: 'transfer: { dtmfInfo: true }',
      more: 'targets: { extensions: { desk: { phoneNumber: "+16125550123", postDial: "11" } } }',
    });
    const digits = (postDial?: string) => {
      const target = { extension: 'desk', ...(postDial !== undefined && { postDial }) };
      return invite(bench.ways({ targets: [target] })[0]).branches[0].postDial;
    };
    expect([digits(), digits('22')]).toEqual(['11', '22']);
  });

  it.each([
    [{ extension: 'nobody' }, 'target.extension', 'there is no extension "nobody"'],
    [{ queue: 'nobody' }, 'target.queue', 'there is no queue "nobody"'],
  ])('%j is wrong', (target, path, detail) => {
    expect(withQueue('').problem({ targets: [target] })).toEqual({
      code: 'invalid_field',
      path,
      detail,
      refused: null,
    });
  });

  it('names in a list are told by their place', () => {
    expect(withQueue('').problem({ targets: [{ queue: 'q' }, { queue: 'x' }] }).path).toBe('target[1].queue');
  });
});

describe('what follows a failed queue', () => {
  const failure = (target: string, attempt: number) =>
    ({ outcome: 'busy', sipCode: 486, target, attempt }) as const;
  /** What is decided when every target of the plan is busy, one after the other. */
  const failing = (plan: TransferPlan) =>
    plan.targets.map(({ label, huntsOn }, i) => {
      const failed = { ...failure(label, i + 1), ...(huntsOn && { huntsOn }) };
      const decision = decide(plan, failed, i + 1 < plan.targets.length, {});
      return decision.kind === 'goto' ? `goto ${decision.node}` : decision.kind;
    });
  const RULES = `transfer: { onFailure: [ { match: [ busy ], action: goto, node: Busy }, { match: [ "*" ], action: end } ] }`;

  it('within it the next member is tried, whatever the rules say; then they decide', () => {
    const plan = withQueue('strategy: sequential', { channel: RULES }).plan({
      targets: [{ extension: '7001' }],
    });
    expect(failing(plan)).toEqual(['next', 'next', 'goto Busy']);
  });

  it('the rules decide after its last member, also when the command has one more target', () => {
    const targets = [{ queue: 'q' }, { sipUri: A }] as const;
    const plan = (keys: string) => withQueue(keys, { channel: RULES }).plan({ targets });
    expect(failing(plan('strategy: sequential'))).toEqual(['next', 'next', 'goto Busy', 'goto Busy']);
    expect(failing(plan('strategy: ringAll'))).toEqual(['goto Busy', 'goto Busy']);
    const overflow = plan('strategy: ringAll, overflow: { phoneNumber: "+16125550123" }');
    expect(failing(overflow)).toEqual(['next', 'goto Busy', 'goto Busy']);
  });

  it('the same queue twice: the rules decide after each', () => {
    const next = [{ match: ['*'], attempt: 3, action: { kind: 'next' } }] as const;
    const onFailure = [...next, { match: ['*'], action: { kind: 'end', message: null } }] as const;
    const plan = withQueue('strategy: sequential').plan({
      targets: [{ queue: 'q' }, { queue: 'q' }],
      onFailure,
    });
    expect(failing(plan)).toEqual(['next', 'next', 'next', 'next', 'next', 'end']);
  });

  it('the overflow node acts before a catch-all of a lower layer, behind rules that say more', () => {
    const plan = withQueue('overflow: { node: Sorry }', { channel: RULES }).plan({
      targets: [{ queue: 'q' }],
    });
    expect(decide(plan, failure('q', 1), false, {})).toMatchObject({ kind: 'goto', node: 'Busy' });
    const late = { ...failure('q', 1), outcome: 'no_answer', sipCode: 480 } as const;
    expect(decide(plan, late, false, {})).toMatchObject({ kind: 'goto', node: 'Sorry' });
    expect(decide(plan, { ...late, target: 'else' }, false, {})).toMatchObject({ kind: 'end' });
  });

  it("the overflow node comes behind all of the command's own rules", () => {
    const onFailure = [{ match: ['*'], action: { kind: 'end', message: null } }] as const;
    const plan = withQueue('overflow: { node: Sorry }').plan({ targets: [{ queue: 'q' }], onFailure });
    expect(decide(plan, failure('q', 1), false, {})).toMatchObject({ kind: 'end' });
  });

  it('other targets of the command come before the overflow node', () => {
    const plan = withQueue('overflow: { node: Sorry }').plan({ targets: [{ queue: 'q' }, { sipUri: A }] });
    expect(decide(plan, failure('q', 1), true, {})).toEqual({ kind: 'next' });
    expect(decide(plan, failure(A, 2), false, {})).toEqual({ kind: 'stay' });
  });

  it('the node of an overflow queue acts for that queue', () => {
    const plan = withQueue('overflow: { queue: r }', {
      targets: `r: { members: [ "${A}" ], overflow: { node: Sorry } }`,
    }).plan({ targets: [{ queue: 'q' }] });
    expect(decide(plan, failure('q', 1), true, {})).toEqual({ kind: 'next' });
    expect(decide(plan, failure('r', 2), false, {})).toMatchObject({ kind: 'goto', node: 'Sorry' });
  });

  it('without a queue the rules stay as they are', () => {
    const plan = withQueue('', { channel: RULES }).plan({ targets: [{ sipUri: A }] });
    expect(plan.onFailure).toHaveLength(2);
  });
});
