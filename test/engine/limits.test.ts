import { describe, expect, it } from 'vitest';
import type { TrunkLimits } from '../../src/domain/settings.js';
import { FakeClock } from '../support/fake-clock.js';
import { Limits, type Admitted } from '../../src/engine/limits.js';

const NONE: TrunkLimits = { concurrent: null, perMinute: null, perTargetPerMinute: null };

function gate(wanted: Partial<TrunkLimits>) {
  const clock = new FakeClock();
  const trunks = new Map([
    ['carrier', { limits: { ...NONE, ...wanted } }],
    ['other', { limits: NONE }],
  ]);
  const inUse = new Map<string, number>();
  const limits = new Limits(trunks, clock, (trunk, calls) => inUse.set(trunk, calls));
  return { clock, limits, inUse };
}

const refusal = (admitted: Admitted) => {
  expect(admitted.ok).toBe(false);
  return admitted as Extract<Admitted, { ok: false }>;
};
const release = (admitted: Admitted) => {
  if (!admitted.ok) throw new Error(`refused: ${admitted.why}`);
  admitted.release();
};

describe('calls at one time', () => {
  it('gives back what was taken, once', () => {
    const { limits, inUse } = gate({ concurrent: 2 });
    expect(inUse.get('carrier')).toBe(0);
    const first = limits.take(['carrier', 'a']);
    limits.take(['carrier', 'a']);
    const full = refusal(limits.take(['carrier', 'b']));
    expect(full.why).toBe(
      'trunk carrier has reached its limit of 2 at a time; see trunks.carrier.limits.concurrent',
    );
    expect(full.retryAfterMs).toBeGreaterThan(0);
    expect(inUse.get('carrier')).toBe(2);
    release(first);
    release(first);
    release(first);
    expect(inUse.get('carrier')).toBe(1);
    expect(limits.take(['carrier', 'b']).ok).toBe(true);
    expect(limits.take(['carrier', 'b']).ok).toBe(false);
  });

  it('a refused one takes no place and counts for no rate', () => {
    const { limits } = gate({ concurrent: 1, perMinute: 2 });
    const first = limits.take(['carrier', 'a']);
    for (let i = 0; i < 5; i++) expect(limits.take(['carrier', 'a']).ok).toBe(false);
    release(first);
    expect(limits.take(['carrier', 'a']).ok).toBe(true);
  });

  it('0 shuts the trunk', () => {
    expect(gate({ concurrent: 0 }).limits.take(['carrier', 'a']).ok).toBe(false);
  });
});

describe('calls a minute', () => {
  it('counts the last 60 s, not the minute of the clock', () => {
    const { clock, limits } = gate({ perMinute: 2 });
    clock.advance(50_000);
    release(limits.take(['carrier', 'a']));
    clock.advance(20_000);
    release(limits.take(['carrier', 'b']));
    const full = refusal(limits.take(['carrier', 'c']));
    expect(full).toMatchObject({
      why: 'trunk carrier has reached its limit of 2 a minute; see trunks.carrier.limits.perMinute',
      retryAfterMs: 40_000,
    });
    clock.advance(39_999);
    expect(refusal(limits.take(['carrier', 'c'])).retryAfterMs).toBe(1);
    clock.advance(1);
    expect(limits.take(['carrier', 'c']).ok).toBe(true);
    expect(limits.take(['carrier', 'c']).ok).toBe(false);
  });

  it('admits exactly the limit in any 60 s, whatever the pace', () => {
    const { clock, limits } = gate({ perMinute: 7 });
    const admitted: number[] = [];
    for (let i = 0; i < 2000; i++) {
      if (limits.take(['carrier', 'a']).ok) admitted.push(clock.now());
      clock.advance(1 + ((i * 7919) % 997));
    }
    for (const [i, at] of admitted.entries()) {
      const [later] = admitted.slice(i + 7);
      if (later !== undefined) expect(later - at).toBeGreaterThanOrEqual(60_000);
    }
    expect(admitted.length).toBeGreaterThan(100);
  });

  it('of 0 shuts the trunk, and 0 per target each target', () => {
    expect(refusal(gate({ perMinute: 0 }).limits.take(['carrier', 'a'])).retryAfterMs).toBeGreaterThan(0);
    expect(gate({ perTargetPerMinute: 0 }).limits.take(['carrier', 'a']).ok).toBe(false);
  });

  it('a clock set back does not shut the trunk', () => {
    const { clock, limits } = gate({ perMinute: 1 });
    release(limits.take(['carrier', 'a']));
    clock.advance(-3_600_000);
    expect(limits.take(['carrier', 'a']).ok).toBe(true);
    expect(limits.take(['carrier', 'a']).ok).toBe(false);
  });
});

describe('calls a minute to one target', () => {
  it('counts each target for itself', () => {
    const { clock, limits } = gate({ perTargetPerMinute: 1 });
    release(limits.take(['carrier', 'a']));
    clock.advance(10_000);
    release(limits.take(['carrier', 'b']));
    expect(refusal(limits.take(['carrier', 'a']))).toMatchObject({
      why: 'trunk carrier has reached its limit of 1 a minute to one target; see trunks.carrier.limits.perTargetPerMinute',
      retryAfterMs: 50_000,
    });
    clock.advance(50_000);
    expect(limits.take(['carrier', 'a']).ok).toBe(true);
    expect(limits.take(['carrier', 'b']).ok).toBe(false);
  });

  it('remembers 10,000 targets and forgets the one used longest ago', () => {
    const { limits } = gate({ perTargetPerMinute: 1 });
    for (let i = 0; i <= 10_000; i++) release(limits.take(['carrier', `t${i}`]));
    expect(limits.take(['carrier', 't1']).ok).toBe(false);
    expect(limits.take(['carrier', 't10000']).ok).toBe(false);
    expect(limits.take(['carrier', 't0']).ok).toBe(true);
  });
});

it('no trunk, an unknown one and one without limits admit everything', () => {
  const { limits, inUse } = gate({ concurrent: 0 });
  for (const trunk of [null, 'nobody', 'other']) {
    for (let i = 0; i < 50; i++) release(limits.take([trunk, 'a']));
  }
  expect(inUse.get('other')).toBe(0);
});

describe('a look before anything goes out', () => {
  it('finds a place when one of the requests has one, and takes none', () => {
    const { limits, inUse } = gate({ concurrent: 1 });
    for (let i = 0; i < 3; i++) expect(limits.refusal([['carrier', 'a']])).toBeNull();
    limits.take(['carrier', 'a']);
    expect(limits.refusal([['carrier', 'a']])?.why).toContain('trunks.carrier.limits.concurrent');
    const others = [['other', 'a'] as const, [null, 'a'] as const];
    for (const other of others) expect(limits.refusal([['carrier', 'a'], other])).toBeNull();
    expect(inUse.get('carrier')).toBe(1);
  });

  it('says how long until the first of them has one', () => {
    const { clock, limits } = gate({ perTargetPerMinute: 1 });
    limits.take(['carrier', 'a']);
    clock.advance(20_000);
    limits.take(['carrier', 'b']);
    const both = limits.refusal([
      ['carrier', 'b'],
      ['carrier', 'a'],
    ]);
    expect(both?.retryAfterMs).toBe(40_000);
  });
});
