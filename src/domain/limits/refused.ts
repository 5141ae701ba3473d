import type { TrunkLimits } from '../settings.js';

/** A request that may not go out now. */
export interface Refused {
  readonly ok: false;
  /** A sentence for the caller of the API, naming the key. */
  readonly why: string;
  /** When asking again makes sense. A guess where it depends on how long others talk. */
  readonly retryAfterMs: number;
}

/** A request: the trunk it goes to (`null`: none, no limit) and the label of whom it asks for there. */
export type Wanted = readonly [trunk: string | null, target: string];

/** Nobody knows when the next of the running calls ends. */
export const CONCURRENT_RETRY_MS = 5000;

const PACE: Readonly<Record<keyof TrunkLimits, string>> = {
  concurrent: 'at a time',
  perMinute: 'a minute',
  perTargetPerMinute: 'a minute to one target',
};

export function refusalBy(
  trunk: string,
  key: keyof TrunkLimits,
  limits: TrunkLimits,
  retryAfterMs: number,
): Refused {
  const what = `${limits[key] ?? 0} ${PACE[key]}`;
  const why = `trunk ${trunk} has reached its limit of ${what}; see trunks.${trunk}.limits.${key}`;
  return { ok: false, why, retryAfterMs };
}
