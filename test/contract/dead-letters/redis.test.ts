import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RedisConnection } from '../../../src/adapters/redis/options.js';
import {
  createRedisOutboxStore,
  type RedisOutboxStore,
} from '../../../src/adapters/redis/dead-letters/redis-dead-letters.js';
import { eventId } from '../../../src/domain/ids.js';
import { systemClock } from '../../../src/engine/system-clock.js';
import { silentLog } from '../../../src/ports/log.js';
import { aLetter } from '../../support/letters.js';
import { RedisServer } from '../store/redis-server.js';
import { deadLettersConformance, stopping } from './conformance.js';

let server: RedisServer;
beforeAll(async () => {
  server = await RedisServer.start();
});
afterAll(() => server.stop());

async function outboxOn(connection: RedisConnection, limit?: number): Promise<RedisOutboxStore & Logged> {
  const logged: string[] = [];
  const log = { ...silentLog, error: (fields: object) => void logged.push(JSON.stringify(fields)) };
  const options = { connection, clock: systemClock, log, ...(limit !== undefined && { limit }) };
  const outbox = createRedisOutboxStore({ ...options, deadlines: { readMs: 300 } });
  await outbox.start();
  return { ...outbox, logged };
}

interface Logged {
  readonly logged: string[];
}

deadLettersConformance('redis', async (limit) => {
  await server.look((redis) => redis.flushall());
  const outbox = await outboxOn(server.connection(), limit);
  return { ...outbox, stop: stopping(outbox) };
});

describe('dead letters in redis', () => {
  it('are every engine’s, and survive all of them', async () => {
    await server.look((redis) => redis.flushall());
    const [one, other] = [await outboxOn(server.connection()), await outboxOn(server.connection())];
    await Promise.all(
      Array.from({ length: 40 }, (_, i) => (i % 2 === 0 ? one : other).letters.put(aLetter(i + 1))),
    );
    one.stop();
    const { items } = await other.letters.list({ limit: 100 });
    expect(new Set(items.map(({ event }) => event.seq)).size).toBe(40);
    other.stop();
    const later = await outboxOn(server.connection());
    expect(await later.letters.get(eventId('1-7'))).toEqual(aLetter(7));
    later.stop();
  });

  it('name no address of a bot, which may hold a password', async () => {
    await server.look((redis) => redis.flushall());
    const outbox = await outboxOn(server.connection());
    const off = { since: '2026-01-01T00:00:00.000Z', why: 'gone' };
    await outbox.switches.turnOff('http://user:sesame@bot.test/?token=open', off);
    const fields = await server.look((redis) => redis.hkeys('switchhook:{endpoints}:off'));
    expect(fields).toHaveLength(1);
    expect(fields[0]).toMatch(/^[0-9a-f]{64}$/);
    outbox.stop();
  });

  it('say that the store is away, in time', async () => {
    const away = await RedisServer.start();
    const outbox = await outboxOn(away.connection());
    await away.stop();
    await expect(outbox.letters.put(aLetter(1))).rejects.toMatchObject({ code: 'store_unavailable' });
    await expect(outbox.letters.list({ limit: 1 })).rejects.toMatchObject({ code: 'store_unavailable' });
    await expect(outbox.switches.off(['http://a.test/'])).rejects.toMatchObject({
      code: 'store_unavailable',
    });
    outbox.stop();
  });
});
