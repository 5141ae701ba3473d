import type { Queue, Trunk } from '../../../domain/settings.js';
import type { Clock } from '../../../ports/clock.js';
import type { Log } from '../../../ports/log.js';
import type { Metrics } from '../../../ports/metrics.js';
import type { RedisConnection, RedisDeadlines } from '../options.js';

export interface RedisPlacesOptions {
  readonly connection: RedisConnection;
  /** This process, by a name no other has ever had. */
  readonly engine: string;
  readonly trunks: ReadonlyMap<string, Pick<Trunk, 'limits'>>;
  readonly queues: ReadonlyMap<string, Pick<Queue, 'strategy'>>;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Pick<Metrics, 'trunkInUse'>;
  readonly deadlines?: Partial<PlacesDeadlines & RedisDeadlines>;
}

export interface PlacesDeadlines {
  /** A request that is about to go out waits no longer for its place: a call is held up by this at most once. */
  readonly answerMs: number;
  /** Between two renewals of what an engine holds. */
  readonly renewMs: number;
  /** Without a renewal for so long an engine counts as gone and its places as free: within 5 s of its death. */
  readonly leaseMs: number;
  /** What an engine holds is given back within this when it stops. */
  readonly leaveMs: number;
}

export const PLACES_DEADLINES: PlacesDeadlines = {
  answerMs: 250,
  renewMs: 1_000,
  leaseMs: 4_000,
  leaveMs: 500,
};
