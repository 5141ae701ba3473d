import type { DeliveryLimits } from './options.js';
import type { Posted } from './post.js';

/** Answers that speak of the moment, not of the event (RFC 9110 15.5.9, RFC 8470 5.2, RFC 6585 4). */
const PASSING: ReadonlySet<number> = new Set([408, 425, 429]);

/** How long an event may wait after this answer: a bot that is down comes back, one that says no says it again. */
export function patienceWith(
  { status }: Posted,
  patienceMs: number,
  { refusedForMs }: Pick<DeliveryLimits, 'refusedForMs'>,
): number {
  const refused = status !== null && status >= 300 && status < 500 && !PASSING.has(status);
  return refused ? Math.min(patienceMs, refusedForMs) : patienceMs;
}
