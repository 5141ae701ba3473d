import { isIP } from 'node:net';
import { Cluster, Redis, type RedisOptions } from 'ioredis';
import type { RedisConnection, RedisDeadlines, RedisNode } from './options.js';

export type Client = Redis | Cluster;

/** The commands the store uses, the same on one server and on a cluster. */
export type Commands = Pick<
  Redis,
  | 'get'
  | 'set'
  | 'del'
  | 'sadd'
  | 'srem'
  | 'smembers'
  | 'hget'
  | 'hmget'
  | 'hexists'
  | 'hdel'
  | 'hsetnx'
  | 'xrange'
  | 'xrevrange'
  | 'zrem'
  | 'zcard'
  | 'zrangebyscore'
  | 'zrevrangebylex'
  | 'evalsha'
  | 'eval'
  | 'publish'
>;

/** A client that is not connected yet, keeps trying once it is told to connect, and queues nothing by itself. */
export function createClient(
  connection: RedisConnection,
  deadlines: Pick<RedisDeadlines, 'connectMs' | 'retry'>,
): Client {
  const { connectMs, retry } = deadlines;
  const again = (times: number): number => Math.min(retry.firstMs * times, retry.longestMs);
  const options = {
    ...{ username: connection.username ?? undefined, password: connection.password ?? undefined },
    ...(connection.tls ? { tls: serverName(connection) } : {}),
    lazyConnect: true,
    connectTimeout: connectMs,
    // A server that has stopped answering does not close its side either.
    disconnectTimeout: 200,
    // What was asked when the connection broke is answered so at once: the write queue asks again, in order.
    maxRetriesPerRequest: 0,
    autoResendUnfulfilledCommands: false,
    // The shapes of RESP2, which every Redis speaks.
    protocol: 2,
    // A master that was replaced says so to writes; the sentinels know the new one.
    reconnectOnError: (error: Error) => error.message.startsWith('READONLY'),
  } satisfies RedisOptions;
  if (connection.kind === 'cluster')
    return new Cluster([...connection.nodes], {
      ...{ redisOptions: options, lazyConnect: true, enableOfflineQueue: false },
      ...{ clusterRetryStrategy: again, slotsRefreshTimeout: connectMs },
    });
  const single = { ...options, enableOfflineQueue: false, retryStrategy: again, db: connection.db };
  if (connection.kind === 'single') return new Redis({ ...single, ...connection.node });
  return new Redis({
    ...single,
    ...{ sentinels: [...connection.sentinels], name: connection.name, sentinelRetryStrategy: again },
    ...(connection.sentinelPassword === null ? {} : { sentinelPassword: connection.sentinelPassword }),
    enableTLSForSentinelMode: connection.tls,
  });
}

/** Certificates are for names; an address has none to ask for (RFC 6066 3). */
const serverName = (connection: RedisConnection): { servername?: string } =>
  connection.kind === 'single' && isIP(connection.node.host) === 0
    ? { servername: connection.node.host }
    : {};

/** Names the servers for people, without what opens them. */
export function addressOf(connection: RedisConnection): string {
  const list = (nodes: readonly RedisNode[]): string => nodes.map(hostPort).join(', ');
  switch (connection.kind) {
    case 'single':
      return `Redis ${hostPort(connection.node)}`;
    case 'sentinels':
      return `Redis ${connection.name} of sentinels ${list(connection.sentinels)}`;
    case 'cluster':
      return `Redis cluster ${list(connection.nodes)}`;
  }
}

const hostPort = ({ host, port }: RedisNode): string => `${host.includes(':') ? `[${host}]` : host}:${port}`;
