import type { Clock } from '../../../ports/clock.js';
import type { Log } from '../../../ports/log.js';
import type { RedisConnection, RedisDeadlines } from '../options.js';

export interface RedisDeadLettersOptions {
  readonly connection: RedisConnection;
  readonly clock: Clock;
  readonly log: Log;
  /** How many letters are kept. */
  readonly limit?: number;
  readonly deadlines?: Partial<RedisDeadlines>;
}

/** A letter is about two kilobytes. */
export const LETTERS = 50_000;
