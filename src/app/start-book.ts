import { createMemoryCallBook } from '../adapters/memory/call-book.js';
import { CallShelf } from '../adapters/memory/call-shelf.js';
import type { RedisBookOptions } from '../adapters/redis/book/options.js';
import { createRedisCallBook } from '../adapters/redis/book/redis-call-book.js';
import type { Config } from '../config/schema.js';
import type { CallBook } from '../ports/call-book.js';
import type { Shutdown } from './shutdown.js';
import { connectionOf } from './start-store.js';

export type BookParts = Pick<RedisBookOptions, 'engine' | 'clock' | 'log' | 'metrics'>;

/** Where calls are written down: beside the store, or, with `memory`, in this process alone. The engine starts it. */
export function bookFor(
  { store: configured }: Pick<Config, 'store'>,
  parts: BookParts,
  shutdown: Shutdown,
): CallBook {
  const book =
    configured === 'memory'
      ? createMemoryCallBook(parts.engine, new CallShelf(parts.clock, false))
      : createRedisCallBook({ ...parts, connection: connectionOf(configured) });
  shutdown.add(() => book.stop());
  return book;
}
