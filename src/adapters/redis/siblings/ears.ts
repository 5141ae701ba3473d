import type { Clock } from '../../../ports/clock.js';
import { createClient, type Client } from '../client.js';
import type { RedisDeadlines, RedisConnection } from '../options.js';
import { within } from '../within.js';

const FAREWELL_MS = 300;

/**
 * A subscription that lasts: a connection that subscribed can do nothing else, so this is one of its own. Whenever it
 * comes back it subscribes again.
 */
export class Ears {
  private readonly client: Client;

  constructor(
    connection: RedisConnection,
    deadlines: RedisDeadlines,
    private readonly clock: Pick<Clock, 'after'>,
    private readonly channel: string,
    hear: (text: string) => void,
  ) {
    this.client = createClient(connection, deadlines);
    // The store's own connection says what is wrong with Redis; this one only tries again.
    this.client.on('error', () => undefined);
    this.client.on('ready', () => this.subscribe());
    this.client.on('message', (_channel: string, text: string) => hear(text));
  }

  open(): void {
    this.client.connect().catch(() => undefined);
  }

  /** Nothing is heard on this connection: a new one may be better. */
  reopen(): void {
    this.client.disconnect(true);
  }

  /** Whoever asks from now on is told so at once, by Redis. */
  async close(): Promise<void> {
    await within(this.clock, FAREWELL_MS, this.client.unsubscribe(this.channel)).catch(() => undefined);
    this.client.disconnect();
  }

  private subscribe(): void {
    // Fails with the connection, and is tried again with the next.
    this.client.subscribe(this.channel).catch(() => undefined);
  }
}
