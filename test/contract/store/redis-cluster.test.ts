import { afterAll, beforeAll, expect } from 'vitest';
import { redisBench } from './redis-bench.js';
import { RedisCluster } from './redis-cluster.js';
import { storeConformance } from './store-conformance.js';

let cluster: RedisCluster;
beforeAll(async () => {
  cluster = await RedisCluster.start();
});
afterAll(() => cluster.stop());

storeConformance('redis cluster', async () => {
  await cluster.empty();
  const { store } = await redisBench(cluster.connection());
  expect(store.health().word).toBe('up');
  return store;
});
