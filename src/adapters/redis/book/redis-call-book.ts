import type { CallId, EventId } from '../../../domain/ids.js';
import type { BookReader, CallBook, CallPage, EngineId, Orphan } from '../../../ports/call-book.js';
import { silentLog } from '../../../ports/log.js';
import { Link } from '../link.js';
import { REDIS_DEADLINES } from '../options.js';
import { Claims } from './claims.js';
import { pageKey } from './keys.js';
import { Lease } from './lease.js';
import {
  BOOK_DEADLINES,
  BOOK_LIMITS,
  type BookDeadlines,
  type BookLimits,
  type RedisBookOptions,
} from './options.js';
import { PageWriter, type BookLink } from './page-writer.js';

/**
 * The call book in Redis (6.2 or later), on a connection of its own: one server, a master watched by sentinels, or a
 * cluster. `start` rejects with a `UsageError` that names the address, when Redis does not come or does not let us in.
 */
export function createRedisCallBook(options: RedisBookOptions): CallBook {
  const deadlines = { ...REDIS_DEADLINES, ...BOOK_DEADLINES, ...options.deadlines };
  // What is wrong with Redis the store says, on the same servers.
  const quiet = { log: silentLog, metrics: { ...options.metrics, ...UNTOLD } };
  return bookOn(new Link({ ...options, ...quiet }, deadlines), options, deadlines);
}

const UNTOLD = { dependencyChanged: () => undefined, storeBacklog: () => undefined };

/** The same on a link that is given. */
export function bookOn(link: BookLink, options: RedisBookOptions, deadlines: BookDeadlines): CallBook {
  return new CallBookInRedis(link, options, deadlines, { ...BOOK_LIMITS, ...options.limits });
}

class CallBookInRedis implements CallBook {
  readonly engine: EngineId;
  readonly isShared = true;
  private readonly pages: PageWriter;
  private readonly lease: Lease;
  private readonly claims: Claims;
  private reader: BookReader | null = null;

  constructor(
    private readonly link: BookLink,
    options: RedisBookOptions,
    deadlines: BookDeadlines,
    limits: BookLimits,
  ) {
    this.engine = options.engine;
    const parts = { ...options, link };
    this.pages = new PageWriter({ ...parts, lost: (call) => this.reader?.lost(call) }, deadlines, limits);
    this.lease = new Lease({ ...parts, shaken: () => this.writeAgain() }, deadlines);
    const has = (call: CallId): boolean => this.pages.has(call);
    const taken = (orphan: Orphan): void => this.take(orphan);
    this.claims = new Claims({ ...parts, lease: this.lease, has, taken }, deadlines, limits);
  }

  async start(reader: BookReader): Promise<void> {
    this.reader = reader;
    try {
      await this.link.start();
    } catch (error) {
      this.link.stop();
      throw error;
    }
    await this.lease.begin();
    this.claims.begin();
  }

  save(page: CallPage): Promise<'written' | 'lost'> {
    return this.pages.save(page);
  }

  settled(call: CallId, event: EventId): void {
    this.pages.settled(call, event);
  }

  engineOf(call: CallId): Promise<EngineId | null> {
    return this.link.ask(async (commands) => {
      const page = pageKey(call);
      const [engine, live] = await Promise.all([
        commands.hget(page, 'engine'),
        commands.hexists(page, 'state'),
      ]);
      // We wrote it, so it is one.
      return live === 1 ? (engine as EngineId) : null;
    });
  }

  engines(): Promise<readonly EngineId[]> {
    return this.link.ask(async () =>
      [...(await this.claims.engines())].filter(([, word]) => word !== null).map(([engine]) => engine),
    );
  }

  hasHeirs(): Promise<boolean> {
    return this.link.ask(async () =>
      [...(await this.claims.engines())].some(([engine, word]) => word === 'takes' && engine !== this.engine),
    );
  }

  decline(): void {
    this.lease.decline();
    this.claims.decline();
  }

  async stop(): Promise<void> {
    this.claims.stop();
    await this.pages.close();
    await this.lease.end();
    this.link.stop();
  }

  private writeAgain(): void {
    this.pages.writeAllAgain();
    this.claims.shaken();
  }

  private take(orphan: Orphan): void {
    this.pages.claimed(orphan);
    this.reader?.orphan(orphan);
  }
}
