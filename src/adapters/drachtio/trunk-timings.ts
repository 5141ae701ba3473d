import type { Random } from '../../ports/clock.js';

/** Waits of registrations and pings, in ms unless said otherwise. */
export const TRUNK_TIMINGS = {
  /** Asked for; short enough that a registrar which forgot us is found out in minutes. Seconds. */
  registerSeconds: 600,
  /** A registrar's Min-Expires or Expires beyond this is taken for this. Seconds. */
  maxSeconds: 86_400,
  /** Past timer F (32 s), at which the SIP server itself reports. */
  registerDeadline: 34_000,
  /** An OPTIONS nobody answered by then counts as missed; by then it was sent four times (RFC 3261 17.1.2.2). */
  pingDeadline: 5000,
  /** First pause after a failed registration; doubled each time, up to the longest. */
  firstRetry: 5000,
  longestRetry: 300_000,
  /** First pings of many trunks are spread over this. */
  pingSpread: 1000,
  /** For the un-REGISTER at the end. */
  farewell: 2000,
} as const;

/** Below this, half of an interval has to be left for retries. Seconds. */
const SHORT_SECONDS = 120;

/** When to renew a registration that holds for `seconds`: near its end, but not with everybody else at once. */
export function renewalMs(seconds: number, random: Pick<Random, 'next'>): number {
  const share = seconds < SHORT_SECONDS ? 0.5 : 0.85;
  return Math.max(500, Math.round(seconds * 1000 * share * (1 - 0.1 * random.next())));
}

/** Pause after the `failures`-th failure in a row (1, 2, ...), a fifth more or less. */
export function retryMs(failures: number, random: Pick<Random, 'next'>): number {
  const { firstRetry, longestRetry } = TRUNK_TIMINGS;
  const base = Math.min(longestRetry, firstRetry * 2 ** Math.min(failures - 1, 10));
  return Math.round(base * (0.8 + 0.4 * random.next()));
}
