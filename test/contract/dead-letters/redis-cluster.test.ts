import { afterAll, beforeAll } from 'vitest';
import { createRedisOutboxStore } from '../../../src/adapters/redis/dead-letters/redis-dead-letters.js';
import { systemClock } from '../../../src/engine/system-clock.js';
import { silentLog } from '../../../src/ports/log.js';
import { RedisCluster } from '../store/redis-cluster.js';
import { deadLettersConformance, stopping } from './conformance.js';

let cluster: RedisCluster;
beforeAll(async () => {
  cluster = await RedisCluster.start();
});
afterAll(() => cluster.stop());

deadLettersConformance('redis cluster', async (limit) => {
  await cluster.empty();
  const logged: string[] = [];
  const log = { ...silentLog, error: (fields: object) => void logged.push(JSON.stringify(fields)) };
  const options = { connection: cluster.connection(), clock: systemClock, log };
  const outbox = createRedisOutboxStore({ ...options, ...(limit !== undefined && { limit }) });
  await outbox.start();
  return { ...outbox, logged, stop: stopping(outbox) };
});
