import { createMemorySiblings } from '../adapters/memory/siblings.js';
import { createRedisSiblings } from '../adapters/redis/siblings/redis-siblings.js';
import type { RedisSiblingsOptions } from '../adapters/redis/siblings/options.js';
import type { Config } from '../config/schema.js';
import type { Siblings } from '../ports/siblings.js';
import type { Shutdown } from './shutdown.js';
import { connectionOf } from './start-store.js';

export type SiblingParts = Pick<RedisSiblingsOptions, 'engine' | 'clock' | 'random' | 'log'>;

/** The other engines on the configured store; none with `memory`. They can ask us once the engine has started. */
export function startSiblings(
  { store }: Pick<Config, 'store'>,
  parts: SiblingParts,
  shutdown: Shutdown,
): Siblings {
  const siblings =
    store === 'memory'
      ? createMemorySiblings(parts.engine, parts.clock)
      : createRedisSiblings({ ...parts, connection: connectionOf(store) });
  shutdown.add(() => siblings.stop());
  return siblings;
}
