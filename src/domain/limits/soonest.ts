import type { Refused, Wanted } from './refused.js';

/** Why not one of these requests could go out now, and when the first of them could; `null`: at least one could. */
export function soonestRefusal(
  requests: readonly Wanted[],
  refusalOf: (wanted: Wanted) => Refused | null,
): Refused | null {
  let soonest: Refused | null = null;
  for (const wanted of requests) {
    const refused = refusalOf(wanted);
    if (refused === null) return null;
    if (soonest === null || refused.retryAfterMs < soonest.retryAfterMs) soonest = refused;
  }
  return soonest;
}
