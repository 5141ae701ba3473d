import type { Clock } from '../../ports/clock.js';
import { createClient, type Client } from './client.js';
import { EVENTS_KEY } from './keys.js';
import type { RedisConnection, RedisDeadlines } from './options.js';
import { NoAnswer, within } from './within.js';

/** How long one look for news waits in Redis. */
const BLOCK_MS = 5_000;
/** Events taken by one look; the ids tell where to go on, the events are read by whoever is woken. */
const LOOK = 100;

/**
 * Wakes readers of the event log, for what this engine appends and for what others do. The second takes a connection
 * of its own, because a command that waits holds up all behind it; it exists while somebody listens.
 */
export class WakeUps {
  private readonly wakes = new Set<() => void>();
  private client: Client | null = null;
  private stopped = false;

  constructor(
    private readonly connection: RedisConnection,
    private readonly clock: Clock,
    private readonly deadlines: RedisDeadlines,
  ) {}

  subscribe(wake: () => void): () => void {
    // A function of its own, so that the same one may subscribe twice.
    const own = (): void => wake();
    this.wakes.add(own);
    if (this.client === null && !this.stopped) void this.listen();
    return () => {
      this.wakes.delete(own);
      if (this.wakes.size === 0) this.hangUp();
    };
  }

  wakeAll(): void {
    for (const wake of [...this.wakes]) wake();
  }

  stop(): void {
    this.stopped = true;
    this.wakes.clear();
    this.hangUp();
  }

  private hangUp(): void {
    this.client?.disconnect();
    this.client = null;
  }

  private async listen(): Promise<void> {
    const client = createClient(this.connection, this.deadlines);
    this.client = client;
    // The store's own connection says what is wrong with Redis; this one only tries again.
    client.on('error', () => undefined);
    await client.connect().catch(() => undefined);
    let after: string | null = null;
    while (this.client === client) {
      try {
        after ??= await this.armed(client);
        after = (await this.news(client, after)) ?? after;
      } catch (error) {
        after = null;
        if (this.client !== client) return;
        if (error instanceof NoAnswer) client.disconnect(true);
        await this.pause();
      }
    }
  }

  /** From here on nothing is missed; what came while nobody looked is told now. */
  private async armed(client: Client): Promise<string> {
    const { readMs } = this.deadlines;
    const [newest] = await within(this.clock, readMs, client.xrevrange(EVENTS_KEY, '+', '-', 'COUNT', 1));
    this.wakeAll();
    return newest?.[0] ?? '0-0';
  }

  private async news(client: Client, after: string): Promise<string | undefined> {
    const look = client.xread('COUNT', LOOK, 'BLOCK', BLOCK_MS, 'STREAMS', EVENTS_KEY, after);
    const streams = await within(this.clock, BLOCK_MS + this.deadlines.writeMs, look);
    const newest = streams?.[0]?.[1].at(-1)?.[0];
    if (newest !== undefined) this.wakeAll();
    return newest;
  }

  private pause(): Promise<void> {
    return new Promise((resume) => this.clock.after(this.deadlines.retry.longestMs, resume));
  }
}
