import type { EngineId } from '../../../ports/call-book.js';
import type { RedisDeadlines, RedisStoreOptions } from '../options.js';

export interface RedisBookOptions extends Pick<RedisStoreOptions, 'connection' | 'clock' | 'log'> {
  readonly engine: EngineId;
  readonly metrics: Pick<RedisStoreOptions['metrics'], 'storeWriteLost'>;
  readonly limits?: Partial<BookLimits>;
  readonly deadlines?: Partial<BookDeadlines>;
}

export interface BookLimits {
  /** Characters of pages and events that may wait for Redis. */
  readonly waiting: number;
  /** Writes under way at once; those of one call never overtake each other. */
  readonly atOnce: number;
  /** Calls taken from a dead engine at once. */
  readonly claimsAtOnce: number;
}

export const BOOK_LIMITS: BookLimits = { waiting: 64 * 1024 * 1024, atOnce: 256, claimsAtOnce: 32 };

export interface BookDeadlines extends RedisDeadlines {
  /** How long an engine that is not heard keeps its calls. */
  readonly leaseMs: number;
  /** Two renewals may be lost before a lease is. */
  readonly renewMs: number;
  /** Between looks for engines without a lease. */
  readonly lookMs: number;
  /**
   * A look of which an answer took longer says nothing: Redis may have stood still, and what it finds first when it
   * goes on is leases that ran out. Shorter than the lease by more than a renewal and a look.
   */
  readonly timelyMs: number;
  /** No look so long after Redis was away: the others come back too, each in its own time. */
  readonly graceMs: number;
  /** The same when this engine starts, which may be because everything does. */
  readonly firstLookMs: number;
  /** A sibling that has not taken its share of the orphans within this leaves it to the others. */
  readonly shareMs: number;
  /** Settled events are written with the next page of their call, or after this. */
  readonly settleMs: number;
  /** A call that changed hands is remembered so long after its end: a stale writer is told that it is one. */
  readonly rememberMs: number;
}

export const BOOK_DEADLINES: Omit<BookDeadlines, keyof RedisDeadlines> = {
  leaseMs: 3_000,
  renewMs: 1_000,
  lookMs: 500,
  timelyMs: 1_000,
  graceMs: 3_000,
  firstLookMs: 1_500,
  shareMs: 1_000,
  settleMs: 100,
  rememberMs: 86_400_000,
};
