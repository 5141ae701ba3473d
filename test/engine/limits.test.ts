import { describe, expect, it } from 'vitest';
import type { TrunkLimits } from '../../src/domain/settings.js';
import { FakeClock } from '../support/fake-clock.js';
import { Limits, type Admitted } from '../../src/engine/limits.js';

const NONE: TrunkLimits = { concurrent: null, perMinute: null, perTargetPerMinute: null };

function gate(limits: Partial<TrunkLimits>) {
  const clock = new FakeClock();
  const trunks = new Map([
    ['carrier', { limits: { ...NONE, ...limits } }],
    ['other', { limits: NONE }],
  ]);
  return { clock, limits: new Limits(trunks, clock) };
}

const refusal = (admitted: Admitted) => {
  expect(admitted.ok).toBe(false);
  return admitted as Extract<Admitted, { ok: false }>;
};
const release = (admitted: Admitted) => {
  if (!admitted.ok) throw new Error(`refused: ${admitted.why}`);
  admitted.release();
};

describe('transfers at one time', () => {
  it('gives back what was taken, once', () => {
    const { limits } = gate({ concurrent: 2 });
    const first = limits.admit([['carrier', 'a']]);
    limits.admit([['carrier', 'a']]);
    const full = refusal(limits.admit([['carrier', 'b']]));
    expect(full.why).toBe(
      'trunk carrier has reached its limit of 2 at a time; see trunks.carrier.limits.concurrent',
    );
    expect(full.retryAfterMs).toBeGreaterThan(0);
    release(first);
    release(first);
    release(first);
    expect(limits.inUse('carrier')).toBe(1);
    expect(limits.admit([['carrier', 'b']]).ok).toBe(true);
    expect(limits.admit([['carrier', 'b']]).ok).toBe(false);
  });

  it('a refused one takes no place and counts for no rate', () => {
    const { limits } = gate({ concurrent: 1, perMinute: 2 });
    const first = limits.admit([['carrier', 'a']]);
    for (let i = 0; i < 5; i++) expect(limits.admit([['carrier', 'a']]).ok).toBe(false);
    release(first);
    expect(limits.admit([['carrier', 'a']]).ok).toBe(true);
  });

  it('0 shuts the trunk', () => {
    expect(gate({ concurrent: 0 }).limits.admit([['carrier', 'a']]).ok).toBe(false);
  });
});

describe('transfers a minute', () => {
  it('counts the last 60 s, not the minute of the clock', () => {
    const { clock, limits } = gate({ perMinute: 2 });
    clock.advance(50_000);
    release(limits.admit([['carrier', 'a']]));
    clock.advance(20_000);
    release(limits.admit([['carrier', 'b']]));
    const full = refusal(limits.admit([['carrier', 'c']]));
    expect(full).toMatchObject({
      why: 'trunk carrier has reached its limit of 2 a minute; see trunks.carrier.limits.perMinute',
      retryAfterMs: 40_000,
    });
    clock.advance(39_999);
    expect(refusal(limits.admit([['carrier', 'c']])).retryAfterMs).toBe(1);
    clock.advance(1);
    expect(limits.admit([['carrier', 'c']]).ok).toBe(true);
    expect(limits.admit([['carrier', 'c']]).ok).toBe(false);
  });

  it('admits exactly the limit in any 60 s, whatever the pace', () => {
    const { clock, limits } = gate({ perMinute: 7 });
    const admitted: number[] = [];
    for (let i = 0; i < 2000; i++) {
      if (limits.admit([['carrier', 'a']]).ok) admitted.push(clock.now());
      clock.advance(1 + ((i * 7919) % 997));
    }
    for (const [i, at] of admitted.entries()) {
      const [later] = admitted.slice(i + 7);
      if (later !== undefined) expect(later - at).toBeGreaterThanOrEqual(60_000);
    }
    expect(admitted.length).toBeGreaterThan(100);
  });

  it('of 0 shuts the trunk, and 0 per target each target', () => {
    expect(refusal(gate({ perMinute: 0 }).limits.admit([['carrier', 'a']])).retryAfterMs).toBeGreaterThan(0);
    expect(gate({ perTargetPerMinute: 0 }).limits.admit([['carrier', 'a']]).ok).toBe(false);
  });

  it('a clock set back does not shut the trunk', () => {
    const { clock, limits } = gate({ perMinute: 1 });
    release(limits.admit([['carrier', 'a']]));
    clock.advance(-3_600_000);
    expect(limits.admit([['carrier', 'a']]).ok).toBe(true);
    expect(limits.admit([['carrier', 'a']]).ok).toBe(false);
  });
});

describe('transfers a minute to one target', () => {
  it('counts each target for itself', () => {
    const { clock, limits } = gate({ perTargetPerMinute: 1 });
    release(limits.admit([['carrier', 'a']]));
    clock.advance(10_000);
    release(limits.admit([['carrier', 'b']]));
    expect(refusal(limits.admit([['carrier', 'a']]))).toMatchObject({
      why: 'trunk carrier has reached its limit of 1 a minute to one target; see trunks.carrier.limits.perTargetPerMinute',
      retryAfterMs: 50_000,
    });
    clock.advance(50_000);
    expect(limits.admit([['carrier', 'a']]).ok).toBe(true);
    expect(limits.admit([['carrier', 'b']]).ok).toBe(false);
  });

  it('remembers 10,000 targets and forgets the one used longest ago', () => {
    const { limits } = gate({ perTargetPerMinute: 1 });
    for (let i = 0; i <= 10_000; i++) release(limits.admit([['carrier', `t${i}`]]));
    expect(limits.admit([['carrier', 't1']]).ok).toBe(false);
    expect(limits.admit([['carrier', 't10000']]).ok).toBe(false);
    expect(limits.admit([['carrier', 't0']]).ok).toBe(true);
  });
});

it('no trunk, an unknown one and one without limits admit everything', () => {
  const { limits } = gate({ concurrent: 0 });
  for (const trunk of [null, 'nobody', 'other']) {
    for (let i = 0; i < 50; i++) release(limits.admit([[trunk, 'a']]));
  }
  expect(limits.inUse('other')).toBe(0);
});
