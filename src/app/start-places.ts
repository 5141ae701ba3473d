import { createMemoryPlaces } from '../adapters/memory/places.js';
import { createRedisPlaces } from '../adapters/redis/places/redis-places.js';
import type { RedisPlacesOptions } from '../adapters/redis/places/options.js';
import type { Config } from '../config/schema.js';
import type { Settings } from '../domain/settings.js';
import type { Places } from '../ports/places.js';
import type { Shutdown } from './shutdown.js';
import { connectionOf } from './start-store.js';

export type PlacesParts = Pick<RedisPlacesOptions, 'engine' | 'clock' | 'log' | 'metrics'> & {
  readonly settings: Settings;
};

/**
 * The limits of trunks and the turns of queues: this engine's own, or those of all engines on the store. Stopped by
 * `shutdown`.
 *
 * @throws UsageError when Redis does not come or does not let us in
 */
export async function startPlaces(
  { store: configured }: Pick<Config, 'store'>,
  { settings, ...parts }: PlacesParts,
  shutdown: Shutdown,
): Promise<Places> {
  const { trunks, targets } = settings;
  const places =
    configured === 'memory'
      ? createMemoryPlaces({ ...parts, trunks })
      : createRedisPlaces({ ...parts, trunks, queues: targets.queues, connection: connectionOf(configured) });
  await places.start();
  shutdown.add(() => places.stop());
  return places;
}
