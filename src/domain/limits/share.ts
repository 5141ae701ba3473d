import type { TrunkLimits } from '../settings.js';
import { MINUTE_MS } from './window.js';

/** What was last known of a trunk that several engines use. */
export interface TrunkUse {
  /** When it was known, ms. */
  readonly at: number;
  /** Engines that use the trunk, this one included. */
  readonly engines: number;
  readonly own: Use;
  readonly others: Use;
}

export interface Use {
  /** Places taken. */
  readonly held: number;
  /** Requests of the last minute. */
  readonly sent: number;
}

/** The limits, less what others have of them at this moment. Rates are for whoever counts those of all. */
export function leftBy(limits: TrunkLimits, { others }: TrunkUse): TrunkLimits {
  const { concurrent } = limits;
  return { ...limits, concurrent: concurrent === null ? null : Math.max(0, concurrent - others.held) };
}

/**
 * What an engine that can hear no other may use: what it had, and an even part of what was free. Rounded up, since a
 * limit of one would otherwise shut the trunk for all: together they exceed it by fewer than there are engines. What
 * others had a minute ago says nothing any more; then each has an even part of the whole. `null`: it knows of nobody.
 */
export function shareOf(limits: TrunkLimits, known: TrunkUse | null, now: number): TrunkLimits {
  if (known === null) return limits;
  const { engines, own, others } = known;
  const isFresh = now - known.at < MINUTE_MS;
  const part = (limit: number | null, of: keyof Use): number | null => {
    if (limit === null) return null;
    const mine = isFresh ? own[of] : 0;
    const theirs = isFresh ? others[of] : 0;
    return mine + Math.ceil(Math.max(0, limit - mine - theirs) / engines);
  };
  return {
    concurrent: part(limits.concurrent, 'held'),
    perMinute: part(limits.perMinute, 'sent'),
    // Who asked others for which target is not known: an even part from the beginning.
    perTargetPerMinute:
      limits.perTargetPerMinute === null ? null : Math.ceil(limits.perTargetPerMinute / engines),
  };
}
