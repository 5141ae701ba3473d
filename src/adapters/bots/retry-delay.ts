import type { DeliveryLimits } from './options.js';

/**
 * How long to wait after the `attempt`-th failure: doubling, capped, and half of it random, so that many calls that
 * failed together do not come back together. `null`: give up.
 */
export function retryDelay(
  attempt: number,
  elapsedMs: number,
  random: number,
  limits: Pick<DeliveryLimits, 'attempts' | 'totalMs' | 'firstDelayMs' | 'maxDelayMs'>,
): number | null {
  if (attempt >= limits.attempts) return null;
  const full = Math.min(limits.maxDelayMs, limits.firstDelayMs * 2 ** (attempt - 1));
  const delay = Math.round(full / 2 + (full / 2) * random);
  return elapsedMs + delay > limits.totalMs ? null : delay;
}
