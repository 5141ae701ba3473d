import { randomUUID } from 'node:crypto';
import type { RedisConnection } from '../../../src/adapters/redis/options.js';
import { createRedisPlaces } from '../../../src/adapters/redis/places/redis-places.js';
import type { RedisPlacesOptions } from '../../../src/adapters/redis/places/options.js';
import type { TrunkLimits } from '../../../src/domain/settings.js';
import { systemClock } from '../../../src/engine/system-clock.js';
import type { Clock } from '../../../src/ports/clock.js';
import { silentLog, type Log } from '../../../src/ports/log.js';
import { noMetrics } from '../../support/fake-metrics.js';
import type { RedisServer } from '../store/redis-server.js';
import { trunksWith, type PlacesBench } from './places-conformance.js';

export interface RedisPlacesBench extends PlacesBench {
  /** Sentences logged, as `level: sentence`. */
  readonly logged: readonly string[];
  /** Renews nothing and gives nothing back any more, as a process that was killed. */
  readonly die: () => void;
}

/** The time of day, and what a test has added to it. */
class ShiftedClock implements Clock {
  private shift = 0;
  private isDead = false;
  now(): number {
    return systemClock.now() + this.shift;
  }
  after(ms: number, fire: () => void): () => void {
    return systemClock.after(ms, () => {
      if (!this.isDead) fire();
    });
  }
  move(ms: number): void {
    this.shift += ms;
  }
  die(): void {
    this.isDead = true;
  }
}

/** Longer than a renewal and its answer. */
const KNOWN_MS = 80;

/** Renewed so often that a test need not wait, and patient, so that a busy machine is not taken for a frozen Redis. */
export const PATIENT = { renewMs: 20, answerMs: 5_000 };

/** Places of one engine that is started, with what it said. */
export async function redisPlacesBench(
  connection: RedisConnection,
  servers: readonly RedisServer[],
  limits: Partial<TrunkLimits>,
  deadlines: RedisPlacesOptions['deadlines'] = PATIENT,
): Promise<RedisPlacesBench> {
  const inUse = new Map<string, number>();
  const logged: string[] = [];
  const clock = new ShiftedClock();
  const metrics = {
    ...noMetrics,
    trunkInUse: (trunk: string, calls: number) => void inUse.set(trunk, calls),
  };
  const log: Log = {
    ...silentLog,
    info: (_fields, sentence) => void logged.push(`info: ${sentence}`),
    warn: (_fields, sentence) => void logged.push(`warn: ${sentence}`),
  };
  const places = createRedisPlaces({
    ...{ connection, clock, log, metrics, deadlines, engine: randomUUID() },
    trunks: trunksWith(limits),
    queues: new Map([['round', { strategy: 'roundRobin' }]]),
  });
  await places.start();
  const age = async (ms: number): Promise<void> => {
    clock.move(ms);
    for (const server of servers) await makeOlder(server, ms);
  };
  const known = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, KNOWN_MS));
  const die = (): void => clock.die();
  return { places, inUse, logged, age, known, die, close: () => places.stop() };
}

/** Redis counts by its own clock, so what it counted is moved instead. */
async function makeOlder(server: RedisServer, ms: number): Promise<void> {
  await server.look(async (redis) => {
    const keys = await redis.keys('switchhook:{trunk:*');
    for (const key of keys.filter((name) => /:minute$|:target:/.test(name))) {
      const members = await redis.zrange(key, '0', '-1');
      for (const member of members) await redis.zincrby(key, -ms, member);
    }
  });
}
