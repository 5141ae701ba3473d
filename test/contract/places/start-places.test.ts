import { afterAll, beforeAll, expect, it } from 'vitest';
import { RedisServer } from '../store/redis-server.js';
import { noMetrics } from '../../support/fake-metrics.js';
import { settingsOf } from '../../support/routing-bench.js';
import { systemClock } from '../../../src/engine/system-clock.js';
import { silentLog } from '../../../src/ports/log.js';
import { Shutdown } from '../../../src/app/shutdown.js';
import { startPlaces } from '../../../src/app/start-places.js';

let server: RedisServer;
beforeAll(async () => {
  server = await RedisServer.start();
});
afterAll(() => server.stop());

const settings = settingsOf(`
trunks: { carrier: { allow: [ "::1" ], proxy: "sip:10.0.0.1", limits: { concurrent: 1 } } }
targets: { queues: { round: { members: [ "sip:ann@10.0.0.1", "sip:bob@10.0.0.1" ], strategy: roundRobin } } }
channels: { line: { match: { trunk: carrier }, trunk: carrier, bot: { kind: sip, uri: "sip:10.0.0.9" } } }
`);

async function start(store: string, engine: string) {
  const shutdown = new Shutdown();
  const parts = { engine, settings, clock: systemClock, log: silentLog, metrics: noMetrics };
  return { places: await startPlaces({ store }, parts, shutdown), shutdown };
}

const isTaken = async ({ places }: Awaited<ReturnType<typeof start>>): Promise<boolean> =>
  (await places.take(['carrier', 'a'])).ok;

it('with store memory each engine has its own limits and turns', async () => {
  const both = [await start('memory', 'one'), await start('memory', 'two')];
  expect(await Promise.all(both.map(isTaken))).toEqual([true, true]);
  expect(both.map(({ places }) => places.takeTurn('round'))).toEqual([0, 0]);
  expect(both.map(({ places }) => places.health())).toEqual([null, null]);
});

it('with a Redis they share them, and whoever stops leaves its places', async () => {
  const url = `redis://127.0.0.1:${server.port}/0`;
  const [one, two] = [await start(url, 'one'), await start(url, 'two')];
  expect([await isTaken(one), await isTaken(two)]).toEqual([true, false]);
  expect([one, two].map(({ places }) => places.takeTurn('round')).sort()).toEqual([0, 1]);
  expect(two.places.health()).toEqual({ word: 'up', detail: null });
  await one.shutdown.run();
  expect(await isTaken(two)).toBe(true);
  await two.shutdown.run();
});
