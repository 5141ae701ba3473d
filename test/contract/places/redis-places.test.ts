import { afterAll, beforeAll } from 'vitest';
import { RedisServer } from '../store/redis-server.js';
import { placesConformance } from './places-conformance.js';
import { redisPlacesBench } from './redis-places-bench.js';

let server: RedisServer;
beforeAll(async () => {
  server = await RedisServer.start();
});
afterAll(() => server.stop());

placesConformance('redis', async (limits) => {
  await server.look((redis) => redis.flushall());
  return redisPlacesBench(server.connection(), [server], limits);
});
