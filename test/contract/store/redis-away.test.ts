import { afterEach, describe, expect, it } from 'vitest';
import { AppError } from '../../../src/errors.js';
import type { Store } from '../../../src/ports/store.js';
import { anEvent, aRecord, endedRecord } from '../../support/records.js';
import { eventually } from '../../support/eventually.js';
import { redisBench, type RedisBench } from './redis-bench.js';
import { RedisServer } from './redis-server.js';
import { SlowProxy } from './slow-proxy.js';

/** What was answered is on disk: what a killed server loses is what nobody was told is written. */
const DURABLE = ['--appendonly', 'yes', '--appendfsync', 'always'];

let server: RedisServer | undefined;
let bench: RedisBench | undefined;
afterEach(async () => {
  await bench?.store.close();
  await server?.stop();
  bench = server = undefined;
});

async function begin(
  flags: string[],
  over: Parameters<typeof redisBench>[1] = {},
): Promise<[RedisServer, RedisBench]> {
  server = await RedisServer.start(...flags);
  bench = await redisBench(server.connection(), over);
  return [server, bench];
}

/** Writes `from` to `to`: each a state of transfer `n % 10` and an event. Returns what became of them. */
function write({ store }: RedisBench, from: number, to: number): Promise<unknown>[] {
  const writes: Promise<unknown>[] = [];
  for (let n = from; n <= to; n += 1) {
    writes.push(store.putTransfer(aRecord(n % 10, { revision: n })), store.appendEvent(anEvent(n)));
  }
  // Awaited later; until then a rejection is not unhandled.
  for (const one of writes) one.catch(() => undefined);
  return writes;
}

const seqs = async (store: Store): Promise<number[]> =>
  (await store.readEvents(undefined, 100_000)).map(({ event }) => event.seq);

const oneTo = (n: number): number[] => Array.from({ length: n }, (_, i) => i + 1);

const health = ({ store }: RedisBench) => eventually(() => store.health().word);

describe('redis away', () => {
  it('killed again and again under writes: everything is written once, in order', async () => {
    const [redis, { store, metrics, logged }] = await begin(DURABLE);
    const writes: Promise<unknown>[] = [];
    const rounds = 5;
    const each = 400;
    for (let round = 0; round < rounds; round += 1) {
      writes.push(...write(bench!, round * each + 1, round * each + each));
      // Amid the writes: some batches answered, one under way, the others not sent.
      await Promise.race(writes.slice(-1 * (each - 60)));
      await redis.kill();
      await health(bench!).toBe('degraded');
      writes.push(store.putTransfer(endedRecord(100 + round)));
      await redis.restart();
    }
    const results = await Promise.all(writes);
    expect(results).toHaveLength(2 * rounds * each + rounds);
    await health(bench!).toBe('up');
    expect(await seqs(store)).toEqual(oneTo(rounds * each));
    for (const n of oneTo(10)) {
      const last = rounds * each - ((10 - n) % 10);
      expect((await store.getTransfer(aRecord(n % 10).transferId))?.revision).toBe(last);
    }
    expect((await store.listTransfers({ limit: 100 })).items).toHaveLength(10 + rounds);
    expect(metrics.told.filter((t) => t.startsWith('storeWriteLost'))).toEqual([]);
    expect(logged.map(({ message }) => message)).toEqual(
      Array<string>(rounds).fill('the store does not answer; writes wait'),
    );
  });

  it('frozen for longer than a write may take: what was sent twice is written once', async () => {
    const deadlines = { writeMs: 300, readMs: 200, pulseMs: 50, slowMs: 100 };
    const [redis, { store }] = await begin([], { deadlines });
    const writes = write(bench!, 1, 200);
    await Promise.all(writes.slice(0, 20));
    redis.freeze();
    writes.push(...write(bench!, 201, 600));
    await health(bench!).toBe('degraded');
    const asked = Date.now();
    await expect(store.getTransfer(aRecord(1).transferId)).rejects.toThrow(
      /no answer in 200 ms|no answer for|broke/,
    );
    expect(Date.now() - asked).toBeLessThan(1000);
    // Until the writes under way were given up on this connection, and are sent on another.
    await eventually(() => store.health().detail).toContain('no answer yet');
    redis.thaw();
    await Promise.all(writes);
    await health(bench!).toBe('up');
    expect(await seqs(store)).toEqual(oneTo(600));
  });

  it('slow: writes are carried out, reads refused in time, and all is well when it is fast again', async () => {
    server = await RedisServer.start();
    const proxy = await SlowProxy.to(server.port);
    const deadlines = { readMs: 200, pulseMs: 50, slowMs: 100, writeMs: 3_000 };
    bench = await redisBench(
      { ...server.connection(), node: { host: '127.0.0.1', port: proxy.port } },
      { deadlines },
    );
    proxy.delayMs = 600;
    await Promise.all(write(bench, 1, 100));
    expect(bench.store.health()).toEqual({
      word: 'degraded',
      detail: expect.stringMatching(/: (answers take|no answer for) \d+ ms; 0 writes wait$/) as string,
    });
    await expect(bench.store.getTransfer(aRecord(1).transferId)).rejects.toThrow('no answer in 200 ms');
    proxy.delayMs = 0;
    await health(bench).toBe('up');
    expect(await seqs(bench.store)).toEqual(oneTo(100));
    expect(bench.metrics.told.filter((t) => t.startsWith('dependencyChanged'))).toEqual([
      'dependencyChanged(store, true)',
      'dependencyChanged(store, false)',
      'dependencyChanged(store, true)',
    ]);
    await bench.store.close();
    await proxy.stop();
  });

  it('is down: reads are refused at once, in words, by the catalogue', async () => {
    const [redis, { store, metrics }] = await begin([]);
    await redis.kill();
    await health(bench!).toBe('degraded');
    const written = store.putTransfer(aRecord(1));
    expect(store.health().detail).toMatch(
      new RegExp(`^Redis 127\\.0\\.0\\.1:${redis.port}: .+; 1 writes wait$`),
    );
    const reads = [
      store.getTransfer(aRecord(1).transferId),
      store.getSession(aRecord(1).sessionId),
      store.listTransfers({ limit: 1 }),
      store.lastStatus(aRecord(1).callId),
      store.readEvents(undefined, 1),
      store.lastCursor(),
      store.findIdempotentAnswer('s', 'k'),
      store.claimIdempotencyKey('s', 'k', { fingerprint: '', status: 202, body: {} }),
    ];
    const asked = Date.now();
    for (const read of await Promise.allSettled(reads)) {
      expect(read.status === 'rejected' && read.reason instanceof AppError && read.reason.code).toBe(
        'store_unavailable',
      );
    }
    expect(Date.now() - asked).toBeLessThan(500);
    expect(metrics.told).toContain('dependencyChanged(store, false)');
    expect(metrics.told).toContain('storeBacklog(1)');
    await redis.restart();
    expect(await written).toBe('written');
    expect(metrics.told.filter((t) => t.startsWith('dependencyChanged'))).toEqual([
      'dependencyChanged(store, true)',
      'dependencyChanged(store, false)',
      'dependencyChanged(store, true)',
    ]);
  });

  it('more than may wait: the oldest that tells of no end is given up, by name', async () => {
    const [redis, { store, metrics, logged }] = await begin([], { limits: { waitingWrites: 4 } });
    await redis.kill();
    await health(bench!).toBe('degraded');
    const ended = store.putTransfer(endedRecord(1));
    const doomed = [store.putTransfer(aRecord(2)), store.appendEvent(anEvent(3))];
    const kept = [
      store.appendEvent(anEvent(4)),
      store.putTransfer(endedRecord(5)),
      store.putTransfer(endedRecord(6)),
    ];
    for (const write of await Promise.allSettled(doomed)) expect(write.status).toBe('rejected');
    expect(logged.filter(({ message }) => message.includes('given up')).map(({ fields }) => fields)).toEqual([
      { transferId: 'tr_2', revision: 1, why: 'too much waits for the store' },
      { eventId: anEvent(3).id, why: 'too much waits for the store' },
    ]);
    expect(metrics.told.filter((t) => t.startsWith('storeWriteLost'))).toEqual([
      'storeWriteLost(record)',
      'storeWriteLost(event)',
    ]);
    await redis.restart();
    await Promise.all([ended, ...kept]);
    expect(await seqs(store)).toEqual([4]);
    expect((await store.listTransfers({ limit: 9 })).items.map((r) => r.transferId)).toEqual([
      'tr_6',
      'tr_5',
      'tr_1',
    ]);
  });

  it('closes in time, and names what was not written', async () => {
    const [redis, { store, logged }] = await begin([], { deadlines: { closeMs: 100 } });
    await redis.kill();
    await health(bench!).toBe('degraded');
    const write = expect(store.putTransfer(endedRecord(7))).rejects.toThrow(
      /stopped while the store was away/,
    );
    const asked = Date.now();
    await store.close();
    expect(Date.now() - asked).toBeLessThan(1000);
    await write;
    expect(logged.at(-1)?.fields).toMatchObject({ transferId: 'tr_7' });
    await expect(store.appendEvent(anEvent(1))).rejects.toThrow(/the store is closed/);
  });

  it('closing writes what waits', async () => {
    const [redis, { store }] = await begin([]);
    const writes = write(bench!, 1, 500);
    await store.close();
    await Promise.all(writes);
    expect(await redis.look((client) => client.xlen('switchhook:{events}:log'))).toBe(500);
  });

  it('wakes readers again after it was away', async () => {
    const [redis, { store }] = await begin([]);
    const other = await redisBench(redis.connection());
    let woken = 0;
    const cancel = store.subscribe(() => (woken += 1));
    await eventually(() => woken).toBeGreaterThan(0);
    await redis.kill();
    await redis.restart();
    woken = 0;
    await eventually(() => woken).toBeGreaterThan(0);
    woken = 0;
    await other.store.appendEvent(anEvent(1));
    await eventually(() => woken).toBeGreaterThan(0);
    cancel();
    await other.store.close();
  });
});
