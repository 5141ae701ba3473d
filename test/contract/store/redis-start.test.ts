import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import type { RedisConnection } from '../../../src/adapters/redis/options.js';
import { UsageError } from '../../../src/errors.js';
import { eventually } from '../../support/eventually.js';
import { aRecord } from '../../support/records.js';
import { redisBench } from './redis-bench.js';
import { freePort, RedisServer } from './redis-server.js';

const servers: RedisServer[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) await server.stop();
});

async function running(...flags: string[]): Promise<RedisServer> {
  const server = await RedisServer.start(...flags);
  servers.push(server);
  return server;
}

/** What a start that fails says. */
async function refusal(connection: RedisConnection, startMs = 5_000): Promise<string> {
  const error: unknown = await redisBench(connection, { deadlines: { startMs } }).then(
    ({ store }) => store.close(),
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(UsageError);
  return (error as UsageError).message;
}

async function works(connection: RedisConnection): Promise<void> {
  const { store } = await redisBench(connection);
  expect(await store.putTransfer(aRecord(1))).toBe('written');
  expect(await store.getTransfer(aRecord(1).transferId)).toEqual(aRecord(1));
  await store.close();
}

it('nobody there: says where, and why', async () => {
  const port = await freePort();
  const connection: RedisConnection = {
    ...{ kind: 'single', node: { host: '127.0.0.1', port }, db: 0 },
    ...{ username: null, password: null, tls: false },
  };
  expect(await refusal(connection, 300)).toBe(
    `store: Redis 127.0.0.1:${port}: connect ECONNREFUSED 127.0.0.1:${port}; is it running?`,
  );
});

it('frozen: says that it is there and does not answer', async () => {
  const server = await running();
  server.freeze();
  expect(await refusal(server.connection(), 300)).toBe(
    `store: Redis 127.0.0.1:${server.port}: connected, no answer yet; is it running?`,
  );
});

it('waits for a redis that comes a little later', async () => {
  const server = await RedisServer.prepare();
  servers.push(server);
  // Somebody else, who hangs up at once: the first attempt has failed when Redis comes.
  const other = createServer().listen(server.port, '127.0.0.1');
  const started = works(server.connection());
  const [socket] = (await once(other, 'connection')) as [Socket];
  socket.destroy();
  other.close();
  await once(other, 'close');
  await server.restart();
  await started;
});

it('takes the right password, and says at once that another is wrong, or missing', async () => {
  const server = await running('--requirepass', 'p@ss');
  await works(server.connection({ password: 'p@ss' }));
  const at = `store: Redis 127.0.0.1:${server.port}: `;
  expect(await refusal(server.connection({ password: 'pass' }))).toBe(
    `${at}WRONGPASS invalid username-password pair or user is disabled.`,
  );
  expect(await refusal(server.connection())).toBe(`${at}NOAUTH Authentication required.`);
});

it('keeps to its database, and says at once that there is no such one', async () => {
  const server = await running();
  await works(server.connection({ db: 3 }));
  expect(await server.look((redis) => redis.dbsize())).toBe(0);
  expect(await refusal(server.connection({ db: 99 }))).toBe(
    `store: Redis 127.0.0.1:${server.port}: ERR DB index is out of range`,
  );
});

it('says that a server that takes no writes is no store', async () => {
  const master = await running();
  const replica = await running('--replicaof', '127.0.0.1', String(master.port));
  expect(await refusal(replica.connection())).toMatch(
    /: READONLY You can't write against a read only replica/,
  );
});

it('finds the master its sentinels name, and the next one when that dies', async () => {
  const master = await running();
  const replica = await running('--replicaof', '127.0.0.1', String(master.port));
  const sentinel = await sentinelOf(master.port);
  const connection: RedisConnection = {
    ...{ kind: 'sentinels', sentinels: [{ host: '127.0.0.1', port: sentinel.port }], name: 'calls', db: 0 },
    ...{ sentinelPassword: null, username: null, password: null, tls: false },
  };
  const { store } = await redisBench(connection);
  expect(await store.putTransfer(aRecord(1))).toBe('written');
  await eventually(() => replica.look((redis) => redis.dbsize())).toBeGreaterThan(2);
  await eventually(() =>
    sentinel.look(async (redis) => String(await redis.call('SENTINEL', 'REPLICAS', 'calls'))),
  ).toContain(String(replica.port));
  await master.kill();
  const later = store.putTransfer(aRecord(2));
  await sentinel.look((redis) => redis.call('SENTINEL', 'FAILOVER', 'calls')).catch(() => undefined);
  expect(await later).toBe('written');
  expect((await store.listTransfers({ limit: 9 })).items).toEqual([aRecord(2), aRecord(1)]);
  expect(await replica.look((redis) => redis.role())).toContain('master');
  await store.close();
});

/** A sentinel that alone decides, and after half a second. */
async function sentinelOf(masterPort: number): Promise<RedisServer> {
  const server = await RedisServer.sentinel(
    `sentinel monitor calls 127.0.0.1 ${masterPort} 1`,
    'sentinel down-after-milliseconds calls 500',
    'sentinel failover-timeout calls 2000',
  );
  servers.push(server);
  return server;
}

it('says that one server is no cluster', async () => {
  const server = await running();
  const nodes = [{ host: '127.0.0.1', port: server.port }];
  const connection: RedisConnection = { kind: 'cluster', nodes, username: null, password: null, tls: false };
  expect(await refusal(connection)).toBe(
    `store: Redis cluster 127.0.0.1:${server.port}: ERR This instance has cluster support disabled`,
  );
});
