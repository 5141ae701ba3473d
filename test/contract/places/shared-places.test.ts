import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { TrunkLimits } from '../../../src/domain/settings.js';
import type { Admitted } from '../../../src/ports/places.js';
import { eventually } from '../../support/eventually.js';
import { RedisServer } from '../store/redis-server.js';
import { held, refused } from './places-conformance.js';
import { PATIENT, redisPlacesBench, type RedisPlacesBench } from './redis-places-bench.js';

let server: RedisServer;
const engines: RedisPlacesBench[] = [];
beforeAll(async () => {
  server = await RedisServer.start();
});
afterEach(async () => {
  await Promise.all(engines.splice(0).map((engine) => engine.close()));
  await server.look((redis) => redis.flushall());
});
afterAll(() => server.stop());

type Deadlines = Parameters<typeof redisPlacesBench>[3];

async function engine(limits: Partial<TrunkLimits>, deadlines?: Deadlines): Promise<RedisPlacesBench> {
  const one = await redisPlacesBench(server.connection(), [server], limits, deadlines);
  engines.push(one);
  return one;
}

const take = async ({ places }: RedisPlacesBench, target = 'a'): Promise<Admitted> =>
  places.take(['carrier', target]);

const inRedis = (key: string): Promise<number> =>
  server.look((redis) => redis.zcard(`switchhook:{trunk:carrier}:${key}`));

describe('engines on one Redis', () => {
  it('never have more places than there are, under 1,000 attempts at once', async () => {
    const both = [await engine({ concurrent: 10 }), await engine({ concurrent: 10 })];
    const seen = { now: 0, most: 0, granted: 0 };
    const attempt = async (n: number): Promise<void> => {
      const admitted = await take(both[n % 2]!);
      if (!admitted.ok) return;
      seen.granted += 1;
      seen.now += 1;
      seen.most = Math.max(seen.most, seen.now);
      await new Promise((resolve) => setTimeout(resolve, (n * 7919) % 13));
      seen.now -= 1;
      admitted.release();
    };
    for (let round = 0; round < 10; round += 1) {
      const hundred = Array.from({ length: 100 }, (_, n) => attempt(round * 100 + n));
      // Rounds overlap: some places of the one before are still held.
      await Promise.race(hundred.slice(-1));
    }
    await eventually(() => seen.now).toBe(0);
    expect(seen.most).toBe(10);
    expect(seen.granted).toBeGreaterThan(20);
    await eventually(() => inRedis('places')).toBe(0);
    for (const one of both) expect(one.logged).toEqual([]);
  });

  it('count rates together', async () => {
    const [one, two] = [
      await engine({ perMinute: 5, perTargetPerMinute: 2 }),
      await engine({ perMinute: 5, perTargetPerMinute: 2 }),
    ];
    held(await take(one, 'a'))();
    held(await take(two, 'a'))();
    for (const each of [one, two]) expect(refused(await take(each, 'a')).why).toContain('perTargetPerMinute');
    held(await take(one, 'b'))();
    held(await take(two, 'b'))();
    held(await take(two, 'c'))();
    for (const each of [one, two]) expect(refused(await take(each, 'd')).why).toContain('limits.perMinute');
  });

  it('know what others have before they ask, and when it is free again', async () => {
    const [one, two] = [await engine({ concurrent: 2 }), await engine({ concurrent: 2 })];
    const [first, second] = [held(await take(one)), held(await take(one))];
    await eventually(() => two.places.refusal([['carrier', 'a']])?.why).toContain('2 at a time');
    first();
    await eventually(() => two.places.refusal([['carrier', 'a']])).toBeNull();
    second();
  });

  it('keep their places as long as they live', async () => {
    const deadlines = { ...PATIENT, leaseMs: 500 };
    const [one, two] = [
      await engine({ concurrent: 1 }, deadlines),
      await engine({ concurrent: 1 }, deadlines),
    ];
    const release = held(await take(one));
    const until = Date.now() + 1_200;
    while (Date.now() < until) {
      refused(await take(two));
      await new Promise((resolve) => setTimeout(resolve, 40));
    }
    release();
    held(await take(two));
  });

  it('one that is killed leaves its places within 5 s, one that stops at once', async () => {
    const deadlines = { answerMs: PATIENT.answerMs };
    const [one, two] = [
      await engine({ concurrent: 10 }, deadlines),
      await engine({ concurrent: 10 }, deadlines),
    ];
    for (let n = 0; n < 10; n += 1) held(await take(one));
    one.die();
    const died = Date.now();
    refused(await take(two));
    let taken = 0;
    // They were taken one after the other, so that is how they lapse.
    await eventually(async () => (taken += (await take(two)).ok ? 1 : 0)).toBe(10);
    const took = Date.now() - died;
    expect(took).toBeLessThan(5_000);
    const three = await engine({ concurrent: 10 }, deadlines);
    await two.close();
    for (let n = 0; n < 10; n += 1) held(await take(three));
  }, 15_000);

  it('a call that was taken over has its place again, also beyond the limit', async () => {
    const [one, two] = [await engine({ concurrent: 1 }), await engine({ concurrent: 1 })];
    held(await take(one));
    const release = two.places.retake('carrier');
    await eventually(() => inRedis('places')).toBe(2);
    release();
    await eventually(() => inRedis('places')).toBe(1);
  });
});

describe('turns of a queue', () => {
  it('of two engines in turn come in the order of their numbers', async () => {
    const [one, two] = [await engine({}), await engine({})];
    const turns: number[] = [];
    for (let n = 0; n < 6; n += 1) {
      turns.push((n % 2 === 0 ? one : two).places.takeTurn('round'));
      await one.known();
    }
    expect(turns).toEqual([0, 1, 2, 3, 4, 5]);
  });

  it('are used once each, and by bursts evenly', async () => {
    const both = [await engine({}), await engine({})];
    const members = [0, 0, 0];
    for (let n = 0; n < 300; n += 1) {
      const turn = both[n % 2]!.places.takeTurn('round');
      members[turn % 3] = (members[turn % 3] ?? 0) + 1;
      if (n % 10 === 9) await both[0]!.known();
    }
    for (const count of members) expect(Math.abs(count - 100)).toBeLessThanOrEqual(8);
  });
});
