import { expect, it } from 'vitest';
import { DELIVERY_LIMITS } from './options.js';
import { retryDelay } from './retry-delay.js';

const delays = (random: number) =>
  Array.from({ length: 10 }, (_, i) => retryDelay(i + 1, 0, random, DELIVERY_LIMITS));

it('doubles up to the cap, then gives up', () => {
  expect(delays(1)).toEqual([500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000, null]);
});

it('is at least half of that', () => {
  expect(delays(0).slice(0, 3)).toEqual([250, 500, 1000]);
});

it('gives up rather than wait beyond the total time', () => {
  const { totalMs } = DELIVERY_LIMITS;
  expect(retryDelay(1, totalMs - 500, 1, DELIVERY_LIMITS)).toBe(500);
  expect(retryDelay(1, totalMs - 499, 1, DELIVERY_LIMITS)).toBeNull();
});
