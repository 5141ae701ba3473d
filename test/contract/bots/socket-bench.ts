import { WebSocket } from 'undici';
import type { BotSink, DeliveryLimits } from '../../../src/adapters/bots/options.js';
import type { HttpApiOptions } from '../../../src/adapters/http/options.js';
import { eventually } from '../../support/eventually.js';
import { httpBench } from '../../support/http-bench.js';
import { botsBench } from './bots-bench.js';

interface Options {
  readonly delivery?: Partial<DeliveryLimits>;
  readonly sink?: Partial<BotSink>;
  readonly others?: Readonly<Record<string, BotSink | null>>;
  readonly http?: Partial<HttpApiOptions>;
}

/** The runtime behind the real API: bots connect on real sockets; one clock for all, which stands still. */
export async function socketBench({ delivery, sink, others, http }: Options = {}) {
  const bots = await botsBench(delivery, { converses: true, ...sink }, others);
  const api = await httpBench({ bots: bots.runtime, clock: bots.clock, ...http });
  const clients: BotClient[] = [];
  return {
    ...bots,
    api,
    async connect(path = '/v1/bot?channel=line', headers: Record<string, string> = {}): Promise<BotClient> {
      const client = new BotClient(`${api.url.replace('http', 'ws')}${path}`, headers);
      clients.push(client);
      await client.opened;
      return client;
    },
    stop: async () => {
      for (const client of clients) client.socket.close();
      await bots.stop();
      await eventually(() => clients.every(({ socket }) => socket.readyState === WebSocket.CLOSED)).toBe(
        true,
      );
      await api.api.close();
    },
  };
}

export type SocketBench = Awaited<ReturnType<typeof socketBench>>;

/** A bot that writes down what it is sent. */
export class BotClient {
  readonly socket: WebSocket;
  readonly frames: Record<string, unknown>[] = [];
  readonly opened: Promise<void>;
  /** Code and reason of the end. */
  closed: { readonly code: number; readonly reason: string } | undefined;

  constructor(url: string, headers: Record<string, string>) {
    this.socket = new WebSocket(url, { headers });
    this.opened = new Promise((resolve, reject) => {
      this.socket.addEventListener('open', () => resolve());
      this.socket.addEventListener('error', () => reject(new Error('refused')));
    });
    this.socket.addEventListener('message', ({ data }) => {
      this.frames.push(JSON.parse(String(data)) as Record<string, unknown>);
    });
    this.socket.addEventListener('close', ({ code, reason }) => (this.closed = { code, reason }));
  }

  /** Sequence numbers of the events, as they came. */
  get seqs(): readonly unknown[] {
    return this.frames.flatMap(({ seq }) => (seq === undefined ? [] : [seq]));
  }

  say(frame: unknown): void {
    this.socket.send(typeof frame === 'string' ? frame : JSON.stringify(frame));
  }
}
