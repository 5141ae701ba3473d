import type { EngineId } from '../../../ports/call-book.js';
import type { Clock, Random } from '../../../ports/clock.js';
import type { Log } from '../../../ports/log.js';
import type { RedisConnection, RedisDeadlines } from '../options.js';

export interface RedisSiblingsOptions {
  readonly engine: EngineId;
  readonly connection: RedisConnection;
  readonly clock: Clock;
  readonly random: Pick<Random, 'uuid'>;
  readonly log: Log;
  readonly deadlines?: Partial<RedisDeadlines & SiblingDeadlines>;
  readonly limits?: Partial<SiblingLimits>;
}

export interface SiblingDeadlines {
  /** From the question to its answer. People wait for it; an engine that takes longer is not well. */
  readonly answerMs: number;
  /** Between two looks at whether we can be heard. */
  readonly selfTestMs: number;
}

export const SIBLING_DEADLINES: SiblingDeadlines = { answerMs: 3_000, selfTestMs: 2_000 };

/** What a flood of questions may cost. */
export interface SiblingLimits {
  /** Questions of ours without an answer; and as many of others. */
  readonly open: number;
  /** Redis cuts off a subscriber that leaves 8 MiB unread for a minute, or 32 MiB at all. */
  readonly bytes: number;
}

export const SIBLING_LIMITS: SiblingLimits = { open: 1_000, bytes: 4 * 1024 * 1024 };
