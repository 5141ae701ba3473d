import { bookOn } from '../../../src/adapters/redis/book/redis-call-book.js';
import { BOOK_DEADLINES, type BookDeadlines } from '../../../src/adapters/redis/book/options.js';
import type { BookLimits } from '../../../src/adapters/redis/book/options.js';
import { Link } from '../../../src/adapters/redis/link.js';
import { REDIS_DEADLINES, type RedisConnection } from '../../../src/adapters/redis/options.js';
import { systemClock } from '../../../src/engine/system-clock.js';
import { silentLog, type Log } from '../../../src/ports/log.js';
import { FakeMetrics } from '../../support/fake-metrics.js';
import { named, notes, type BookBench, type OpenBook } from './book-bench.js';
import { CutLink } from './cut-link.js';

/** Half of the product's, so that nobody waits for long, and a busy machine still renews in time. */
export const QUICK: Partial<BookDeadlines> = {
  ...{ leaseMs: 1_500, renewMs: 400, lookMs: 200, timelyMs: 700 },
  ...{ graceMs: 800, firstLookMs: 200, shareMs: 500 },
};

export interface RedisBook extends OpenBook {
  readonly link: CutLink;
  readonly metrics: FakeMetrics;
  /** Fields and sentence of everything logged as warning or error. */
  readonly logged: { readonly fields: object; readonly message: string }[];
}

export interface BookOver {
  readonly limits?: Partial<BookLimits>;
  readonly deadlines?: Partial<BookDeadlines>;
}

/** A started book on this Redis. */
export async function redisBook(
  connection: RedisConnection,
  name: string,
  over: BookOver = {},
): Promise<RedisBook> {
  const metrics = new FakeMetrics();
  const logged: RedisBook['logged'] = [];
  const note = (fields: object, message: string): void => void logged.push({ fields, message });
  const log: Log = { ...silentLog, warn: note, error: note };
  const deadlines = { ...REDIS_DEADLINES, ...BOOK_DEADLINES, ...QUICK, ...over.deadlines };
  const engine = named(name);
  const parts = { connection, clock: systemClock, log, metrics, engine, ...over };
  const link = new CutLink(new Link({ ...parts, log: silentLog }, deadlines));
  const book = bookOn(link, parts, deadlines);
  const { reader, ...told } = notes();
  await book.start(reader);
  return { book, link, ...told, metrics, logged, cut: () => link.cut(), mend: () => link.mend() };
}

/** Books on one Redis, stopped together. */
export function redisBookBench(connection: RedisConnection): BookBench {
  const opened: RedisBook[] = [];
  return {
    open: async (name) => {
      const book = await redisBook(connection, name);
      opened.push(book);
      return book;
    },
    tick: () => undefined,
    close: async () => {
      for (const book of opened) book.mend();
      await Promise.all(opened.map(({ book }) => book.stop()));
    },
  };
}
