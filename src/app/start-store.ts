import { createMemoryStore } from '../adapters/memory/memory-store.js';
import type { RedisConnection, RedisNode, RedisStoreOptions } from '../adapters/redis/options.js';
import { createRedisStore } from '../adapters/redis/redis-store.js';
import type { Config } from '../config/schema.js';
import { parseRedisUrl } from '../shape/redis-url.js';
import type { EventFeed } from '../ports/event-feed.js';
import type { Store } from '../ports/store.js';
import { hostPort } from './host-port.js';
import type { Shutdown } from './shutdown.js';

export type StoreParts = Pick<RedisStoreOptions, 'clock' | 'log' | 'metrics'>;

export interface StartedStore {
  readonly store: Store & EventFeed;
  /** `memory` or `redis`: for the ready line. */
  readonly kind: 'memory' | 'redis';
}

/**
 * The configured store, connected. Closed by `shutdown`.
 *
 * @throws UsageError when Redis does not come or does not let us in
 */
export async function startStore(
  { store: configured }: Pick<Config, 'store'>,
  parts: StoreParts,
  shutdown: Shutdown,
): Promise<StartedStore> {
  if (configured === 'memory') {
    const store = createMemoryStore(parts);
    shutdown.add(() => store.close());
    return { store, kind: 'memory' };
  }
  const connection = connectionOf(configured);
  const { keepEndedMs } = typeof configured === 'string' ? {} : configured;
  const limits = keepEndedMs === undefined ? {} : { keepEndedMs };
  const store = createRedisStore({ ...parts, connection, limits });
  await store.start();
  shutdown.add(() => store.close());
  return { store, kind: 'redis' };
}

export type Configured = Exclude<Config['store'], 'memory'>;

export function connectionOf(configured: Configured): RedisConnection {
  if (typeof configured === 'string') return single(configured);
  if ('url' in configured) return single(configured.url, configured.password);
  const { username = null, password = null, tls = false } = configured;
  const access = { username, password, tls };
  if ('cluster' in configured) return { ...access, kind: 'cluster', nodes: configured.cluster.map(hostPort) };
  const { name, db = 0, sentinelPassword = null } = configured;
  const sentinels: RedisNode[] = configured.sentinels.map(hostPort);
  return { ...access, kind: 'sentinels', sentinels, name, sentinelPassword, db };
}

function single(text: string, password?: string): RedisConnection {
  const url = parseRedisUrl(text);
  if (url === undefined) throw new Error('the schema wants a Redis URL');
  const { host, port, ...rest } = url;
  return { ...rest, kind: 'single', node: { host, port }, ...(password === undefined ? {} : { password }) };
}
