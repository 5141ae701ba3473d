import { createBotRuntime } from '../../../src/adapters/bots/bot-runtime.js';
import type { BotSink } from '../../../src/adapters/bots/options.js';
import { createRedisCallBook } from '../../../src/adapters/redis/book/redis-call-book.js';
import { createRedisOutboxStore } from '../../../src/adapters/redis/dead-letters/redis-dead-letters.js';
import { createRedisStore } from '../../../src/adapters/redis/redis-store.js';
import { parseReplies } from '../../../src/commands/jaicp-replies.js';
import { NOTHING_TOLD } from '../../../src/domain/call-memory.js';
import { callId } from '../../../src/domain/ids.js';
import { systemClock, systemRandom } from '../../../src/engine/system-clock.js';
import { Teller } from '../../../src/engine/teller.js';
import { engineId, type Orphan } from '../../../src/ports/call-book.js';
import { silentLog } from '../../../src/ports/log.js';
import { httpBench } from '../../support/http-bench.js';
import { noMetrics } from '../../support/fake-metrics.js';
import { anEvent } from '../../support/records.js';

/** Channels of {@link smallEngine}: one with a bot, and one whose bot is not there. */
export const CHANNELS = ['line', 'deaf'] as const;
export type ChannelName = (typeof CHANNELS)[number];

/** Everything of an engine that events go through, on Redis, without any telephony: its calls only tell events. */
export async function smallEngine(redisPort: number, receiver: string) {
  const access = { username: null, password: null, tls: false, db: 0 };
  const connection = { ...access, kind: 'single', node: { host: '127.0.0.1', port: redisPort } } as const;
  const parts = { connection, clock: systemClock, log: silentLog, metrics: noMetrics };
  const store = createRedisStore(parts);
  const outbox = createRedisOutboxStore(parts);
  await Promise.all([store.start(), outbox.start()]);
  const bots = createBotRuntime({
    sink: (channel) => sinkOf(channel, receiver),
    channels: CHANNELS,
    beyond: { ...outbox, unsettledIsKept: true },
    replies: parseReplies,
    ...{ clock: systemClock, random: systemRandom, metrics: noMetrics, log: silentLog },
    delivery: { firstDelayMs: 10, maxDelayMs: 50 },
  });
  await bots.start();
  const book = createRedisCallBook({ ...parts, engine: engineId(systemRandom.uuid()) });
  const tellerParts = { book, store, bots, clock: systemClock, log: silentLog };
  const tellerOf = (call: string, tenure: number) => new Teller(tellerParts, callId(call), tenure);
  const api = await httpBench({ store, events: store, bots, letters: outbox.letters, clock: systemClock });

  /** Ends a call another engine left behind, as the engine does: what was not settled first. */
  const takeOver = ({ callId: call, tenure, state, unsettled }: Orphan): void => {
    const name = call.replace('call_', '');
    const teller = tellerOf(name, tenure);
    bots.resume(call, channelOf(name), NOTHING_TOLD);
    for (const event of unsettled) teller.tellAgain(event);
    if (state === null) return;
    const { n } = JSON.parse(state) as { readonly n: number };
    teller.tell(lastEvent(n + 1, name), null);
    teller.save(null);
  };
  return {
    ...{ url: api.url, letters: outbox.letters, bots, tellerOf },
    /** Begins to take calls of engines that are gone. */
    start: (orphan: (orphan: Orphan) => void = () => undefined) =>
      book.start({
        orphan: (left) => {
          orphan(left);
          takeOver(left);
        },
        lost: () => undefined,
      }),
    stop: async () => {
      await api.api.close();
      await bots.close();
      await book.stop();
      outbox.stop();
      await store.close();
    },
  };
}

/** Calls are named `<channel>-<n>`. */
export const channelOf = (call: string): ChannelName => (call.startsWith('deaf') ? 'deaf' : 'line');

/** The event with which a call ends. */
export const lastEvent = (seq: number, call: string) =>
  anEvent(seq, call, {
    channel: channelOf(call),
    type: 'call.ended',
    data: { by: 'engine', sipCode: null, reason: 'the engine died' },
  });

function sinkOf(channel: string, receiver: string): BotSink {
  const sink = { dialect: 'native', secret: null, converses: false } as const;
  return channel === 'deaf'
    ? { ...sink, url: 'http://127.0.0.1:1/', retryForMs: 0 }
    : { ...sink, url: receiver, retryForMs: 60_000 };
}
