import { afterEach } from 'vitest';
import type { RedisConnection } from '../../../src/adapters/redis/options.js';
import { eventually } from '../../support/eventually.js';
import { RedisServer } from '../store/redis-server.js';
import { aPage } from './book-bench.js';
import { redisBook, type BookOver, type RedisBook } from './redis-book-bench.js';

/** One redis-server and books on it, for a file of tests; gone after each of them. */
export class BookRig {
  private running: RedisServer | null = null;
  private readonly opened: RedisBook[] = [];

  constructor() {
    afterEach(async () => {
      await this.stopBooks();
      await this.running?.stop();
      this.running = null;
    });
  }

  get server(): RedisServer {
    if (this.running === null) throw new Error('no redis-server was started');
    return this.running;
  }

  async start(...flags: string[]): Promise<void> {
    this.running = await RedisServer.start(...flags);
  }

  async open(name: string, over: BookOver = {}, at?: RedisConnection): Promise<RedisBook> {
    const book = await redisBook(at ?? this.server.connection(), name, over);
    this.opened.push(book);
    return book;
  }

  async stopBooks(): Promise<void> {
    for (const { book } of this.opened.splice(0)) await book.stop();
  }
}

/** What the heir found of a call. */
export interface Found {
  readonly state: string | null;
  readonly seqs: readonly number[];
}

const numbers = (n: number): string[] => Array.from({ length: n }, (_, i) => String(1000 + i));

/** Calls `1000` and on of this book, `n` of them, each with page `state` and event `seq`. */
export const write = ({ book }: RedisBook, n: number, state: string, seq: number): Promise<unknown>[] =>
  numbers(n).map((call) => book.save(aPage(call, { state, seqs: [seq] })));

/** `from` dies; its calls as they are handed to `heir`. */
export async function inherit(from: RedisBook, heir: RedisBook, calls: number): Promise<Found[]> {
  from.cut();
  await eventually(() => heir.orphans.length).toBe(calls);
  return heir.orphans.map(({ state, unsettled }) => ({ state, seqs: unsettled.map(({ seq }) => seq) }));
}

export const allOf = (n: number, state: string, seqs: readonly number[]): Found[] =>
  Array.from({ length: n }, () => ({ state, seqs }));
