import type { DeliveryLimits } from './options.js';

/**
 * How long to wait after the `attempt`-th failure: doubling, capped, and half of it random, so that many calls that
 * failed together do not come back together. `null`: give up.
 *
 * @param waitedMs since the event came
 * @param random in [0, 1)
 */
export function retryDelay(
  attempt: number,
  waitedMs: number,
  random: number,
  { firstDelayMs, maxDelayMs, patienceMs }: Pick<DeliveryLimits, 'firstDelayMs' | 'maxDelayMs'> & Patience,
): number | null {
  const full = Math.min(maxDelayMs, firstDelayMs * 2 ** Math.min(attempt - 1, 30));
  const delay = Math.round(full / 2 + (full / 2) * random);
  return waitedMs + delay > patienceMs ? null : delay;
}

interface Patience {
  readonly patienceMs: number;
}
