import { createBotRuntime, type Bots } from '../adapters/bots/bot-runtime.js';
import type { Beyond, BotRuntimeOptions, BotSink } from '../adapters/bots/options.js';
import { createMemoryDeadLetters } from '../adapters/memory/dead-letters.js';
import { createMemoryEndpointSwitches } from '../adapters/memory/endpoint-switches.js';
import { createRedisOutboxStore } from '../adapters/redis/dead-letters/redis-dead-letters.js';
import type { Config } from '../config/schema.js';
import type { Channel, Settings } from '../domain/settings.js';
import type { DeadLetters } from '../ports/dead-letters.js';
import type { Shutdown } from './shutdown.js';
import { connectionOf } from './start-store.js';

type OutboxParts = Omit<BotRuntimeOptions, 'sink' | 'beyond' | 'channels'> & {
  readonly settings: Pick<Settings, 'channels'>;
};

export interface StartedOutbox {
  readonly bots: Bots;
  readonly letters: DeadLetters;
}

/** Delivery of events to bots, over the configured store. Closed by `shutdown`. */
export async function startOutbox(
  { store }: Pick<Config, 'store'>,
  { settings: { channels }, ...parts }: OutboxParts,
  shutdown: Shutdown,
): Promise<StartedOutbox> {
  const beyond = await beyondOf(store, parts, shutdown);
  const sink = (channel: string): BotSink | null => toSink(channels.get(channel));
  const bots = createBotRuntime({ ...parts, sink, beyond, channels: [...channels.keys()] });
  await bots.start();
  shutdown.add(() => bots.close());
  return { bots, letters: beyond.letters };
}

function toSink(channel: Channel | undefined): BotSink | null {
  if (channel?.events == null) return null;
  return { ...channel.events, converses: channel.answer.by === 'script' };
}

async function beyondOf(
  store: Config['store'],
  { clock, log }: Pick<OutboxParts, 'clock' | 'log'>,
  shutdown: Shutdown,
): Promise<Beyond> {
  if (store === 'memory') {
    const letters = createMemoryDeadLetters({ log });
    return { letters, switches: createMemoryEndpointSwitches(), unsettledIsKept: false };
  }
  const redis = createRedisOutboxStore({ connection: connectionOf(store), clock, log });
  await redis.start();
  shutdown.add(() => {
    redis.stop();
    return Promise.resolve();
  });
  return { letters: redis.letters, switches: redis.switches, unsettledIsKept: true };
}
