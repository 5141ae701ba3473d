import {
  type RedisDeadlines,
  type RedisConnection,
  type RedisLimits,
} from '../../../src/adapters/redis/options.js';
import { createRedisStore, type RedisStore } from '../../../src/adapters/redis/redis-store.js';
import { systemClock } from '../../../src/engine/system-clock.js';
import { silentLog, type Log } from '../../../src/ports/log.js';
import { FakeMetrics } from '../../support/fake-metrics.js';

export interface RedisBench {
  readonly store: RedisStore;
  readonly metrics: FakeMetrics;
  /** Fields and sentence of everything logged as warning or error. */
  readonly logged: { readonly fields: object; readonly message: string }[];
}

/** A store that is started, with what it said. */
export async function redisBench(
  connection: RedisConnection,
  over: { limits?: Partial<RedisLimits>; deadlines?: Partial<RedisDeadlines> } = {},
): Promise<RedisBench> {
  const metrics = new FakeMetrics();
  const logged: RedisBench['logged'] = [];
  const note = (fields: object, message: string): void => void logged.push({ fields, message });
  const log: Log = { ...silentLog, warn: note, error: note };
  const store = createRedisStore({ connection, clock: systemClock, log, metrics, ...over });
  await store.start();
  return { store, metrics, logged };
}
