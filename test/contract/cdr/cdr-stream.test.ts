import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createCdrStream, type CdrStreamOptions } from '../../../src/adapters/redis/cdr/cdr-stream.js';
import { CDR_KEY } from '../../../src/adapters/redis/cdr/keys.js';
import { systemClock } from '../../../src/engine/system-clock.js';
import type { CallDetailRecord } from '../../../src/ports/cdr.js';
import { silentLog } from '../../../src/ports/log.js';
import { aCdr } from '../../support/cdr.js';
import { eventually } from '../../support/eventually.js';
import { FakeMetrics } from '../../support/fake-metrics.js';
import { RedisServer } from '../store/redis-server.js';
import { cdrConformance } from './sink-conformance.js';

let server: RedisServer;
beforeAll(async () => {
  server = await RedisServer.start();
});
afterAll(() => server.stop());

const read = (): Promise<CallDetailRecord[]> =>
  server.look(async (redis) => {
    const entries = await redis.xrange(CDR_KEY, '-', '+');
    return entries.map(([, fields]) => JSON.parse(fields[1]!) as CallDetailRecord);
  });

const stream = async (over: Partial<CdrStreamOptions> = {}) => {
  const metrics = new FakeMetrics();
  const common = { connection: server.connection(), clock: systemClock, log: silentLog, metrics };
  const sink = createCdrStream({ ...common, keep: 100_000, ...over });
  await sink.start();
  return { sink, metrics, read };
};

const emptied = async (over: Partial<CdrStreamOptions> = {}) => {
  await server.look((redis) => redis.flushall());
  return stream(over);
};

cdrConformance('redis', () => emptied());

describe('the stream', () => {
  it('has a call once, whoever ends it how often', async () => {
    const one = await emptied();
    const other = await stream();
    one.sink.write(aCdr(1));
    other.sink.write(aCdr(1));
    other.sink.write(aCdr(2));
    await Promise.all([one.sink.close(), other.sink.close()]);
    expect((await read()).map(({ callId }) => callId)).toEqual(['call_1', 'call_2']);
  });

  it('keeps about as many as it may', async () => {
    const { sink } = await emptied({ keep: 200 });
    for (let n = 0; n < 1000; n += 1) sink.write(aCdr(n));
    await sink.close();
    const kept = await read();
    expect(kept.length).toBeGreaterThanOrEqual(200);
    expect(kept.length).toBeLessThan(500);
    expect(kept.at(-1)).toEqual(aCdr(999));
  });

  it('has all its keys in one slot', async () => {
    const { sink } = await emptied();
    sink.write(aCdr(1));
    await sink.close();
    const keys = await server.look((redis) => redis.keys('*'));
    expect(keys.filter((key) => !key.includes('{cdr}') && key !== 'switchhook:started')).toEqual([]);
  });

  it('gets what was written while Redis was away, once, and what is too much is named', async () => {
    const { sink, metrics } = await emptied({ waiting: 2 });
    await server.kill();
    for (let n = 1; n <= 3; n += 1) sink.write(aCdr(n));
    expect(metrics.told).toEqual(['cdrLost(redis)']);
    await server.restart();
    await eventually(read).toEqual([aCdr(2), aCdr(3)]);
    await sink.close();
    expect(metrics.told).toEqual(['cdrLost(redis)']);
  });

  it('names what could not be written when the engine stops', async () => {
    const { sink, metrics } = await emptied({ deadlines: { closeMs: 50 } });
    await server.kill();
    sink.write(aCdr(1));
    await sink.close();
    expect(metrics.told).toEqual(['cdrLost(redis)']);
    await server.restart();
  });
});
