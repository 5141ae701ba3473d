import { describe, expect, it } from 'vitest';
import { createMemoryPlaces } from '../../../src/adapters/memory/places.js';
import type { TrunkLimits } from '../../../src/domain/settings.js';
import type { Admitted } from '../../../src/ports/places.js';
import { FakeClock } from '../../support/fake-clock.js';
import { noMetrics } from '../../support/fake-metrics.js';
import { held, placesConformance, refused, trunksWith } from './places-conformance.js';

function bench(limits: Partial<TrunkLimits>) {
  const clock = new FakeClock();
  const inUse = new Map<string, number>();
  const metrics = {
    ...noMetrics,
    trunkInUse: (trunk: string, calls: number) => void inUse.set(trunk, calls),
  };
  const places = createMemoryPlaces({ trunks: trunksWith(limits), clock, metrics });
  const take = (target: string): Admitted => {
    const admitted = places.take(['carrier', target]);
    if (admitted instanceof Promise) throw new Error('the answer was not there at once');
    return admitted;
  };
  return { clock, places, inUse, take };
}

const done = (): Promise<void> => Promise.resolve();

placesConformance('memory', (limits) => {
  const { clock, places, inUse } = bench(limits);
  const age = (ms: number): Promise<void> => {
    clock.advance(ms);
    return done();
  };
  return Promise.resolve({ places, inUse, age, known: done, close: () => places.stop() });
});

describe('places of one engine', () => {
  it('answer at once', () => {
    const { take } = bench({ concurrent: 1 });
    expect(take('a').ok).toBe(true);
    expect(take('a').ok).toBe(false);
  });

  it('a rate is free again at its millisecond', () => {
    const { clock, take } = bench({ perMinute: 1 });
    held(take('a'))();
    clock.advance(59_999);
    expect(refused(take('a')).retryAfterMs).toBe(1);
    clock.advance(1);
    expect(take('a').ok).toBe(true);
  });

  it('admits exactly the limit in any 60 s, whatever the pace', () => {
    const { clock, take } = bench({ perMinute: 7 });
    const admitted: number[] = [];
    for (let n = 0; n < 2000; n += 1) {
      if (take('a').ok) admitted.push(clock.now());
      clock.advance(1 + ((n * 7919) % 997));
    }
    for (const [n, at] of admitted.entries()) {
      const [later] = admitted.slice(n + 7);
      if (later !== undefined) expect(later - at).toBeGreaterThanOrEqual(60_000);
    }
    expect(admitted.length).toBeGreaterThan(100);
  });

  it('a clock set back does not shut the trunk', () => {
    const { clock, take } = bench({ perMinute: 1 });
    held(take('a'))();
    clock.advance(-3_600_000);
    expect(take('a').ok).toBe(true);
    expect(take('a').ok).toBe(false);
  });

  it('remembers 10,000 targets and forgets the one used longest ago', () => {
    const { take } = bench({ perTargetPerMinute: 1 });
    for (let n = 0; n <= 10_000; n += 1) held(take(`t${n}`))();
    expect(take('t1').ok).toBe(false);
    expect(take('t10000').ok).toBe(false);
    expect(take('t0').ok).toBe(true);
  });

  it('nothing is shared, so nothing can be away', () => {
    expect(bench({}).places.health()).toBeNull();
  });
});
