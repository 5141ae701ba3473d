import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { TrunkLimits } from '../../../src/domain/settings.js';
import type { Admitted } from '../../../src/ports/places.js';
import { eventually } from '../../support/eventually.js';
import { RedisServer } from '../store/redis-server.js';
import { held, refused } from './places-conformance.js';
import { redisPlacesBench, type RedisPlacesBench } from './redis-places-bench.js';

let server: RedisServer;
const engines: RedisPlacesBench[] = [];
beforeEach(async () => {
  server = await RedisServer.start();
});
afterEach(async () => {
  server.thaw();
  await Promise.all(engines.splice(0).map((engine) => engine.close()));
  await server.stop();
});

/** A Redis that says nothing is given up soon, or a test would wait for it. */
const IMPATIENT = { renewMs: 50, writeMs: 400, pulseMs: 50, slowMs: 100, connectMs: 300 };

async function engine(limits: Partial<TrunkLimits>): Promise<RedisPlacesBench> {
  const one = await redisPlacesBench(server.connection(), [server], limits, IMPATIENT);
  engines.push(one);
  return one;
}

const take = async ({ places }: RedisPlacesBench, target = 'a'): Promise<Admitted> =>
  places.take(['carrier', target]);

/** How many are admitted before the first refusal. */
async function admitted(one: RedisPlacesBench): Promise<number> {
  for (let n = 0; ; n += 1) if (!(await take(one, `t${n}`)).ok) return n;
}

const inRedis = (key: string): Promise<number> =>
  server.look((redis) => redis.zcard(`switchhook:{trunk:carrier}:${key}`));

const isShared = (one: RedisPlacesBench) =>
  eventually(() => one.places.health()).toEqual({ word: 'up', detail: null });

const ALONE = 'warn: limits of trunks are counted by this engine alone, within its last share';
const AGAIN = 'info: limits of trunks are counted with the other engines again';

describe('redis frozen', () => {
  it('a request waits 250 ms at most, the next ones not at all, and both engines keep within the limit', async () => {
    const [one, two] = [await engine({ concurrent: 10 }), await engine({ concurrent: 10 })];
    for (let n = 0; n < 3; n += 1) held(await take(one));
    for (let n = 0; n < 5; n += 1) held(await take(two));
    await Promise.all([one.known(), two.known()]);
    server.freeze();
    const asked = performance.now();
    const first = take(one);
    held(await first);
    expect(performance.now() - asked).toBeLessThan(400);
    const next = one.places.take(['carrier', 'a']);
    if (next instanceof Promise) throw new Error('it asks a Redis that does not answer');
    expect(refused(next).why).toContain('limits.concurrent');
    await eventually(() => two.places.health()?.word).toBe('degraded');
    expect(await admitted(two)).toBe(1);
    expect(one.places.health()?.detail).toMatch(
      /^counted by this engine alone: carrier; Redis.*: (no answer|not connected|connected, no answer yet)/,
    );
    server.thaw();
    await isShared(one);
    await isShared(two);
    await eventually(() => inRedis('places')).toBe(10);
    for (const each of [one, two]) {
      refused(await take(each));
      expect(each.logged).toEqual([ALONE, AGAIN]);
    }
  });

  it('a place that comes when nobody waits for it any more is given back, and no rate counts it', async () => {
    const one = await engine({ concurrent: 5, perMinute: 1 });
    held(await take(one));
    await one.age(60_000);
    await one.known();
    held(await take(one));
    await server.look((redis) => redis.del('switchhook:{trunk:carrier}:minute'));
    server.freeze();
    // Its own minute is full, so it refuses; Redis, which lost count, will say yes.
    refused(await take(one));
    server.thaw();
    await isShared(one);
    await eventually(() => inRedis('places')).toBe(2);
    await eventually(() => inRedis('minute')).toBe(0);
  });

  it('what went out meanwhile counts for the rates of all, as of then', async () => {
    const [one, two] = [await engine({ perMinute: 4 }), await engine({ perMinute: 4 })];
    await Promise.all([one.known(), two.known()]);
    server.freeze();
    held(await take(one, 'a'))();
    held(await take(one, 'b'))();
    refused(await take(one, 'c'));
    server.thaw();
    await Promise.all([isShared(one), isShared(two)]);
    await eventually(() => inRedis('minute')).toBe(2);
    expect(await admitted(two)).toBe(2);
    refused(await take(one, 'd'));
  });

  it('turns go on, and are made good afterwards', async () => {
    const [one, two] = [await engine({}), await engine({})];
    await Promise.all([one.known(), two.known()]);
    server.freeze();
    const turns = Array.from({ length: 6 }, () => one.places.takeTurn('round'));
    expect(turns).toEqual([0, 1, 2, 3, 4, 5]);
    server.thaw();
    await eventually(() => server.look((redis) => redis.get('switchhook:{queue:round}:turns'))).not.toBe('2');
    // The second engine had turn 1 in advance; what follows is past all that were used.
    expect(two.places.takeTurn('round')).toBe(1);
    await eventually(() => two.places.nextTurn('round')).toBeGreaterThanOrEqual(6);
  });
});

describe('redis that died and knows nothing', () => {
  it('is told again what is held', async () => {
    const [one, two] = [await engine({ concurrent: 4 }), await engine({ concurrent: 4 })];
    const release = held(await take(one));
    held(await take(two));
    await Promise.all([one.known(), two.known()]);
    await server.kill();
    await eventually(() => one.places.health()?.word).toBe('degraded');
    // Free are two, so each may have one more.
    expect(await admitted(one)).toBe(1);
    release();
    await server.restart();
    await Promise.all([isShared(one), isShared(two)]);
    expect(await inRedis('places')).toBe(2);
    expect(await admitted(two)).toBe(2);
    refused(await take(one));
  });

  it('was never there: the start says so', async () => {
    await server.kill();
    const start = redisPlacesBench(server.connection(), [server], {}, { ...IMPATIENT, startMs: 200 });
    await expect(start).rejects.toThrow(/is it running/);
    await server.restart();
  });
});
