import type { Clock } from '../../ports/clock.js';
import type { Log } from '../../ports/log.js';
import type { Metrics } from '../../ports/metrics.js';

export interface RedisNode {
  readonly host: string;
  readonly port: number;
}

/** How to get in, the same on every node. */
export interface RedisAccess {
  readonly username: string | null;
  readonly password: string | null;
  readonly tls: boolean;
}

export type RedisConnection = RedisAccess &
  (
    | { readonly kind: 'single'; readonly node: RedisNode; readonly db: number }
    | {
        readonly kind: 'sentinels';
        readonly sentinels: readonly RedisNode[];
        /** Name the sentinels know the master by. */
        readonly name: string;
        readonly sentinelPassword: string | null;
        readonly db: number;
      }
    | { readonly kind: 'cluster'; readonly nodes: readonly RedisNode[] }
  );

export interface RedisStoreOptions {
  readonly connection: RedisConnection;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Pick<Metrics, 'dependencyChanged' | 'storeBacklog' | 'storeWriteLost'>;
  readonly limits?: Partial<RedisLimits>;
  readonly deadlines?: Partial<RedisDeadlines>;
}

/** How much is kept, in Redis and before it. */
export interface RedisLimits {
  /** Events in the log; Redis trims whole blocks, so a few more stay. */
  readonly events: number;
  /** How long an ended record is kept. A live one has no end: whoever ends it says when. */
  readonly keepEndedMs: number;
  readonly idempotencyTtlMs: number;
  /** Messages of the ladder of an ended call. */
  readonly ladderMessages: number;
  /** Writes that may wait for Redis, and their bytes. */
  readonly waitingWrites: number;
  readonly waitingBytes: number;
}

const DAY_MS = 86_400_000;

export const REDIS_LIMITS: RedisLimits = {
  events: 100_000,
  keepEndedMs: 30 * DAY_MS,
  idempotencyTtlMs: DAY_MS,
  ladderMessages: 300,
  waitingWrites: 50_000,
  waitingBytes: 64 * 1024 * 1024,
};

export interface RedisDeadlines {
  /** A read is answered, or refused, within this: people and programs wait for it. */
  readonly readMs: number;
  /** Longer than a slow Redis takes (seconds), or its answers would never be heard. */
  readonly writeMs: number;
  /** Silence after which Redis counts as not well. */
  readonly slowMs: number;
  /** Between looks at whether it is well. */
  readonly pulseMs: number;
  readonly connectMs: number;
  /** How long Redis may take to come when the engine starts. */
  readonly startMs: number;
  /** What waits is written within this when the engine stops. */
  readonly closeMs: number;
  readonly retry: { readonly firstMs: number; readonly longestMs: number };
}

export const REDIS_DEADLINES: RedisDeadlines = {
  readMs: 1_500,
  writeMs: 5_000,
  slowMs: 1_000,
  pulseMs: 1_000,
  connectMs: 3_000,
  startMs: 10_000,
  closeMs: 3_000,
  retry: { firstMs: 50, longestMs: 1_000 },
};
