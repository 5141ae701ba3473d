import { createMemoryPlaces } from '../adapters/memory/places.js';
import type { Config } from '../config/schema.js';
import type { Settings } from '../domain/settings.js';
import type { Clock } from '../ports/clock.js';
import type { Metrics } from '../ports/metrics.js';
import type { Places } from '../ports/places.js';
import type { Shutdown } from './shutdown.js';

export interface PlacesParts {
  readonly settings: Settings;
  readonly clock: Clock;
  readonly metrics: Pick<Metrics, 'trunkInUse'>;
}

/** The limits of trunks and the turns of queues: this engine's own. Stopped by `shutdown`. */
export async function startPlaces(
  _config: Pick<Config, 'store'>,
  { settings, clock, metrics }: PlacesParts,
  shutdown: Shutdown,
): Promise<Places> {
  const { trunks } = settings;
  const places = createMemoryPlaces({ trunks, clock, metrics });
  await places.start();
  shutdown.add(() => places.stop());
  return places;
}
