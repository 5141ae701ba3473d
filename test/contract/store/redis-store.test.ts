import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sweepIndexes } from '../../../src/adapters/redis/transfer-list.js';
import type { RedisStore } from '../../../src/adapters/redis/redis-store.js';
import { callId } from '../../../src/domain/ids.js';
import { anEvent, aRecord, endedRecord } from '../../support/records.js';
import { eventually } from '../../support/eventually.js';
import { redisBench } from './redis-bench.js';
import { RedisServer } from './redis-server.js';
import { storeConformance } from './store-conformance.js';

let server: RedisServer;
beforeAll(async () => {
  server = await RedisServer.start();
});
afterAll(() => server.stop());

const emptied = async (over: Parameters<typeof redisBench>[1] = {}): Promise<RedisStore> => {
  await server.look((redis) => redis.flushall());
  return (await redisBench(server.connection(), over)).store;
};

storeConformance('redis', () => emptied());

describe('what redis keeps, and how long', () => {
  it('keeps about as many events as it may, and goes on from the oldest kept', async () => {
    const store = await emptied({ limits: { events: 500 } });
    const first = await store.appendEvent(anEvent(1));
    await Promise.all(Array.from({ length: 2000 }, (_, i) => store.appendEvent(anEvent(i + 2))));
    const kept = await store.readEvents(first, 3000);
    expect(kept.length).toBeGreaterThanOrEqual(500);
    expect(kept.length).toBeLessThan(700);
    expect(kept.at(-1)?.event.seq).toBe(2001);
    expect(kept.map((k) => k.event.seq)).toEqual(kept.map((_, i) => 2002 - kept.length + i));
    await store.close();
  });

  it('forgets an ended record in time, a live one never', async () => {
    const store = await emptied({ limits: { keepEndedMs: 50 } });
    await store.putTransfer(aRecord(1));
    await store.putTransfer(endedRecord(2));
    await eventually(() => store.getTransfer(endedRecord(2).transferId)).toBeUndefined();
    expect((await store.listTransfers({ limit: 10 })).items).toEqual([aRecord(1)]);
    expect(await store.listTransfers({ limit: 10, status: 'ended' })).toEqual({
      items: [],
      nextCursor: null,
    });
    const ttl = await server.look((redis) => redis.pttl('switchhook:{call_1}:transfer:tr_1'));
    expect(ttl).toBe(-1);
    await store.close();
  });

  it('sweeps the indexes when records have expired, and only of those', async () => {
    const store = await emptied({ limits: { keepEndedMs: 60_000 } });
    await store.putTransfer(aRecord(1));
    for (let n = 2; n <= 700; n += 1) void store.putTransfer(endedRecord(n, { channelId: `c${n % 3}` }));
    await store.putTransfer(endedRecord(701));
    const counts = () =>
      server.look(async (redis) => {
        const zsets = ['all', 'status:ended', 'status:pending', 'channel:c0', 'channel:line', 'expiry'];
        const sizes = await Promise.all(zsets.map((name) => redis.zcard(`switchhook:{index}:${name}`)));
        return [...sizes, await redis.hlen('switchhook:{index}:indexed')];
      });
    expect(await counts()).toEqual([701, 700, 1, 233, 2, 700, 701]);
    const sweep = (ms: number) => server.look((redis) => sweepIndexes(redis, Date.now() + ms));
    expect(await sweep(0)).toBe(true);
    expect(await counts()).toEqual([701, 700, 1, 233, 2, 700, 701]);
    expect(await sweep(61_000)).toBe(false);
    expect(await sweep(61_000)).toBe(true);
    expect(await counts()).toEqual([1, 0, 1, 0, 1, 0, 1]);
    await store.close();
  });

  it('keeps the ends of a long ladder, as long as records', async () => {
    const store = await emptied({ limits: { ladderMessages: 5 } });
    const ladder = Array.from({ length: 9 }, (_, at) => ({
      ...({ at, leg: 'caller', direction: 'in', text: 'INFO', sdp: false, peer: null } as const),
    }));
    await store.putLadder(callId('1'), ladder);
    expect((await store.getLadder(callId('1')))?.map(({ at }) => at)).toEqual([0, 1, 2, 7, 8]);
    const ttl = await server.look((redis) => redis.pttl('switchhook:{call_1}:ladder'));
    expect(ttl).toBeGreaterThan(30 * 86_400_000 - 60_000);
    await store.close();
  });

  it('names no contact in a key', async () => {
    const store = await emptied();
    await store.putTransfer(aRecord(1, { contact: '16125550199' }));
    const keys = await server.look((redis) => redis.keys('*'));
    const members = await server.look((redis) => redis.zrange('switchhook:{index}:all', '0', '-1'));
    expect([...keys, ...members].filter((text) => text.includes('16125550199'))).toEqual([]);
    await store.close();
  });

  it('keeps an ended record for thirty days, its keys for a day', async () => {
    const store = await emptied();
    await store.putTransfer(endedRecord(1));
    await store.claimIdempotencyKey('s', 'k', { fingerprint: 'f', status: 202, body: {} });
    const ttl = (key: string) => server.look((redis) => redis.pttl(key));
    expect(await ttl('switchhook:{call_1}:transfer:tr_1')).toBeGreaterThan(30 * 86_400_000 - 60_000);
    const key = await ttl('switchhook:idempotency:s\nk');
    expect(key).toBeGreaterThan(86_400_000 - 60_000);
    expect(key).toBeLessThanOrEqual(86_400_000);
    await store.close();
  });

  it('puts all keys of a call into one slot, and every other key names its slot or stands alone', async () => {
    const store = await emptied();
    await store.putTransfer(endedRecord(1));
    await store.appendEvent(anEvent(1));
    const slots = await server.look(async (redis) => {
      const keys = await redis.keys('*');
      return keys.map((key) => /\{(.+?)\}/.exec(key)?.[1] ?? key.split(':').slice(0, 2).join(':'));
    });
    expect([...new Set(slots)].sort()).toEqual([
      'call_1',
      'events',
      'index',
      'switchhook:place',
      'switchhook:started',
    ]);
    await store.close();
  });
});

describe('two engines on one redis', () => {
  it('see what the other writes, and hear of it', async () => {
    const one = await emptied();
    const other = (await redisBench(server.connection())).store;
    let woken = 0;
    const cancel = other.subscribe(() => (woken += 1));
    // Armed: the first look has told what there was.
    await eventually(() => woken).toBeGreaterThan(0);
    woken = 0;
    await one.appendEvent(anEvent(1));
    await one.putTransfer(endedRecord(1));
    await eventually(() => woken).toBeGreaterThan(0);
    expect((await other.readEvents(undefined, 10)).map((r) => r.event.seq)).toEqual([1]);
    expect(await other.getTransfer(endedRecord(1).transferId)).toEqual(endedRecord(1));
    expect((await other.lastStatus(callId('1')))?.number).toBe('1');
    cancel();
    await one.close();
    await other.close();
  });

  it('log each event once, though both tell it', async () => {
    const one = await emptied();
    const other = (await redisBench(server.connection())).store;
    await Promise.all([1, 2, 3].map((n) => one.appendEvent(anEvent(n))));
    await Promise.all([2, 3, 4, 5].map((n) => other.appendEvent(anEvent(n))));
    await one.appendEvent(anEvent(4));
    expect((await one.readEvents(undefined, 10)).map((r) => r.event.seq)).toEqual([1, 2, 3, 4, 5]);
    await one.close();
    await other.close();
  });

  it('remembers as many events as it keeps, not more', async () => {
    const store = await emptied({ limits: { events: 100 } });
    await Promise.all(Array.from({ length: 1000 }, (_, i) => store.appendEvent(anEvent(i + 1))));
    const sizes = await server.look((redis) =>
      Promise.all([redis.hlen('switchhook:{events}:cursors'), redis.llen('switchhook:{events}:ids')]),
    );
    expect(sizes).toEqual([100, 100]);
    await store.close();
  });

  it('one that was overtaken changes nothing any more', async () => {
    const one = await emptied();
    const other = (await redisBench(server.connection())).store;
    await one.putTransfer(aRecord(1, { revision: 4 }));
    expect(await other.putTransfer(endedRecord(1, { revision: 1_000_000 }))).toBe('written');
    expect(await one.putTransfer(aRecord(1, { revision: 5, status: 'active' }))).toBe('stale');
    expect((await one.listTransfers({ limit: 9, status: 'active' })).items).toEqual([]);
    expect((await one.getTransfer(aRecord(1).transferId))?.status).toBe('ended');
    await one.close();
    await other.close();
  });
});
