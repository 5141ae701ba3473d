import { afterAll, beforeAll, expect, vi } from 'vitest';
import type { RedisConnection } from '../../../src/adapters/redis/options.js';
import { redisBench } from './redis-bench.js';
import { RedisServer } from './redis-server.js';
import { storeConformance } from './store-conformance.js';

/** Two masters with half of the slots each: a command or script with keys of two slots is refused (CROSSSLOT). */
let servers: RedisServer[] = [];

beforeAll(async () => {
  const flags = ['--cluster-enabled', 'yes', '--cluster-config-file', 'nodes.conf'];
  servers = [await RedisServer.start(...flags), await RedisServer.start(...flags)];
  const [first, second] = servers as [RedisServer, RedisServer];
  await first.look((redis) => redis.call('CLUSTER', 'ADDSLOTSRANGE', '0', '8191'));
  await second.look((redis) => redis.call('CLUSTER', 'ADDSLOTSRANGE', '8192', '16383'));
  await second.look((redis) => redis.call('CLUSTER', 'SET-CONFIG-EPOCH', '2'));
  await first.look((redis) => redis.call('CLUSTER', 'MEET', '127.0.0.1', String(second.port)));
  for (const server of servers)
    await vi.waitFor(async () => expect(await stateOf(server)).toContain('cluster_state:ok'), {
      timeout: 20_000,
      interval: 50,
    });
});
afterAll(() => Promise.all(servers.map((server) => server.stop())));

const stateOf = (server: RedisServer): Promise<string> =>
  server.look(async (redis) => String(await redis.call('CLUSTER', 'INFO')));

const connection = (): RedisConnection => {
  const nodes = servers.map(({ port }) => ({ host: '127.0.0.1', port }));
  return { kind: 'cluster', nodes, username: null, password: null, tls: false };
};

storeConformance('redis cluster', async () => {
  for (const server of servers) await server.look((redis) => redis.flushall());
  const { store } = await redisBench(connection());
  expect(store.health().word).toBe('up');
  return store;
});
