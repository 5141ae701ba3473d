import { afterAll, beforeAll } from 'vitest';
import { RedisCluster } from '../store/redis-cluster.js';
import { bookConformance } from './book-conformance.js';
import { redisBookBench } from './redis-book-bench.js';

let cluster: RedisCluster;
beforeAll(async () => {
  cluster = await RedisCluster.start();
});
afterAll(() => cluster.stop());

bookConformance('redis cluster', async () => {
  await cluster.empty();
  return redisBookBench(cluster.connection());
});
