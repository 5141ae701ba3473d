import { afterAll, beforeAll } from 'vitest';
import { RedisCluster } from '../store/redis-cluster.js';
import { placesConformance } from './places-conformance.js';
import { redisPlacesBench } from './redis-places-bench.js';

let cluster: RedisCluster;
beforeAll(async () => {
  cluster = await RedisCluster.start();
});
afterAll(() => cluster.stop());

placesConformance('redis cluster', async (limits) => {
  await cluster.empty();
  return redisPlacesBench(cluster.connection(), cluster.servers, limits);
});
