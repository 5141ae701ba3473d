import { afterAll, beforeAll } from 'vitest';
import { RedisServer } from '../store/redis-server.js';
import { bookConformance } from './book-conformance.js';
import { redisBookBench } from './redis-book-bench.js';

let server: RedisServer;
beforeAll(async () => {
  server = await RedisServer.start();
});
afterAll(() => server.stop());

bookConformance('redis', async () => {
  await server.look((redis) => redis.flushall());
  return redisBookBench(server.connection());
});
