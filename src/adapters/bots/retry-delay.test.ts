import { expect, it } from 'vitest';
import { DELIVERY_LIMITS } from './options.js';
import { retryDelay } from './retry-delay.js';

const limits = { ...DELIVERY_LIMITS, patienceMs: 3_600_000 };
const delays = (random: number, attempts = 13) =>
  Array.from({ length: attempts }, (_, i) => retryDelay(i + 1, 0, random, limits));

it('doubles up to the cap', () => {
  expect(delays(1).slice(0, 4)).toEqual([500, 1000, 2000, 4000]);
  expect(delays(1).slice(-3)).toEqual([512_000, 600_000, 600_000]);
  expect(retryDelay(5_000, 0, 1, limits)).toBe(600_000);
});

it('is at least half of that', () => {
  expect(delays(0).slice(0, 3)).toEqual([250, 500, 1000]);
});

it('gives up rather than wait beyond the patience', () => {
  expect(retryDelay(1, limits.patienceMs - 500, 1, limits)).toBe(500);
  expect(retryDelay(1, limits.patienceMs - 499, 1, limits)).toBeNull();
});
