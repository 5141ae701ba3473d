import { expect, vi } from 'vitest';
import type { RedisConnection } from '../../../src/adapters/redis/options.js';
import { RedisServer } from './redis-server.js';

/** Two masters with half of the slots each: a command or script with keys of two slots is refused (CROSSSLOT). */
export class RedisCluster {
  private constructor(readonly servers: readonly [RedisServer, RedisServer]) {}

  static async start(): Promise<RedisCluster> {
    const flags = ['--cluster-enabled', 'yes', '--cluster-config-file', 'nodes.conf'];
    const [first, second] = [await RedisServer.start(...flags), await RedisServer.start(...flags)];
    await first.look((redis) => redis.call('CLUSTER', 'ADDSLOTSRANGE', '0', '8191'));
    await second.look((redis) => redis.call('CLUSTER', 'ADDSLOTSRANGE', '8192', '16383'));
    await second.look((redis) => redis.call('CLUSTER', 'SET-CONFIG-EPOCH', '2'));
    await first.look((redis) => redis.call('CLUSTER', 'MEET', '127.0.0.1', String(second.port)));
    for (const server of [first, second])
      await vi.waitFor(async () => expect(await stateOf(server)).toContain('cluster_state:ok'), {
        timeout: 20_000,
        interval: 50,
      });
    return new RedisCluster([first, second]);
  }

  connection(): RedisConnection {
    const nodes = this.servers.map(({ port }) => ({ host: '127.0.0.1', port }));
    return { kind: 'cluster', nodes, username: null, password: null, tls: false };
  }

  async empty(): Promise<void> {
    for (const server of this.servers) await server.look((redis) => redis.flushall());
  }

  async stop(): Promise<void> {
    await Promise.all(this.servers.map((server) => server.stop()));
  }
}

const stateOf = (server: RedisServer): Promise<string> =>
  server.look(async (redis) => String(await redis.call('CLUSTER', 'INFO')));
