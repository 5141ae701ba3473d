import { describe, expect, it } from 'vitest';
import type { TrunkLimits } from '../settings.js';
import { leftBy, shareOf, type TrunkUse } from './share.js';

const NONE: TrunkLimits = { concurrent: null, perMinute: null, perTargetPerMinute: null };
const NOW = 1_000_000;

const use = (engines: number, own: number, others: number): TrunkUse => ({
  ...{ at: NOW, engines },
  ...{ own: { held: own, sent: own }, others: { held: others, sent: others } },
});

describe('the share of an engine that hears no other', () => {
  it.each([
    // limit, engines, own, others, share
    [10, 2, 3, 5, 4],
    [10, 2, 5, 3, 6],
    [10, 1, 3, 0, 10],
    [10, 3, 0, 0, 4],
    [1, 2, 0, 0, 1],
    [1, 2, 0, 1, 0],
    [10, 2, 0, 10, 0],
    [10, 2, 12, 3, 12],
    [0, 2, 0, 0, 0],
  ])('of %i, of %i engines, with %i and %i of others: %i', (limit, engines, own, others, share) => {
    const limits = { ...NONE, concurrent: limit, perMinute: limit };
    const { concurrent, perMinute } = shareOf(limits, use(engines, own, others), NOW + 59_999);
    expect([concurrent, perMinute]).toEqual([share, share]);
  });

  it('together they exceed a limit by fewer than there are engines', () => {
    for (let limit = 0; limit < 12; limit += 1)
      for (let one = 0; one <= limit; one += 1)
        for (let two = 0; one + two <= limit; two += 1) {
          const limits = { ...NONE, concurrent: limit };
          const shares = [use(3, one, two), use(3, two, one), use(3, 0, one + two)].map(
            (known) => shareOf(limits, known, NOW).concurrent ?? 0,
          );
          expect(shares.reduce((sum, share) => sum + share, 0)).toBeLessThan(limit + 3);
        }
  });

  it('is an even part once nobody knows any more what others have', () => {
    const limits = { concurrent: 10, perMinute: 61, perTargetPerMinute: 1 };
    expect(shareOf(limits, use(2, 0, 10), NOW + 60_000)).toEqual({
      concurrent: 5,
      perMinute: 31,
      perTargetPerMinute: 1,
    });
  });

  it('is all there is when it never knew of others, and nothing is limited by a share of nothing', () => {
    const limits = { concurrent: 10, perMinute: 60, perTargetPerMinute: 2 };
    expect(shareOf(limits, null, NOW)).toEqual(limits);
    expect(shareOf(NONE, use(2, 3, 4), NOW)).toEqual(NONE);
  });
});

it('what others hold is not left', () => {
  const limits = { concurrent: 10, perMinute: 60, perTargetPerMinute: 2 };
  expect(leftBy(limits, use(2, 3, 4))).toEqual({ ...limits, concurrent: 6 });
  expect(leftBy(limits, use(2, 3, 14)).concurrent).toBe(0);
  expect(leftBy(NONE, use(2, 3, 4))).toEqual(NONE);
});
