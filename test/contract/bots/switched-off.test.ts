import { afterEach, describe, expect, it } from 'vitest';
import { createMemoryEndpointSwitches } from '../../../src/adapters/memory/endpoint-switches.js';
import { eventId } from '../../../src/domain/ids.js';
import { AppError } from '../../../src/errors.js';
import { eventually } from '../../support/eventually.js';
import { anEvent } from '../../support/records.js';
import { answer } from '../../support/webhook-receiver.js';
import { botsBench, type BotsBench } from './bots-bench.js';

const open: BotsBench[] = [];
afterEach(async () => {
  for (const bench of open.splice(0)) await bench.stop();
});

const begin = async (...args: Parameters<typeof botsBench>): Promise<BotsBench> => {
  const bench = await botsBench(...args);
  open.push(bench);
  await bench.runtime.start();
  return bench;
};

const lettersOf = async ({ beyond }: BotsBench): Promise<readonly string[]> =>
  (await beyond.letters.list({ limit: 100 })).items.map(({ event, why }) => `${event.id} ${why}`);

describe('an endpoint that answers 410', () => {
  it('is off: what waits and what comes is with the dead letters, and is seen to be', async () => {
    const bench = await begin({ concurrency: 1 });
    bench.receiver.script.push(answer(410));
    const settled: string[] = [];
    for (const call of ['a', 'b'])
      for (const n of [1, 2])
        bench.runtime.publish(anEvent(n, call), null, () => settled.push(`${call}${n}`));
    await eventually(() => settled.length).toBe(4);
    bench.runtime.publish(anEvent(3, 'a'), null, () => settled.push('a3'));
    await eventually(() => settled.length).toBe(5);
    expect(bench.receiver.received).toHaveLength(1);
    expect(await lettersOf(bench)).toContain('evt_a-3 endpoint_gone');
    expect(bench.runtime.bots()).toEqual([
      {
        ...{ channel: 'line', url: bench.receiver.url, dialect: 'native', connected: 0, waiting: 0 },
        off: { since: new Date(bench.clock.now()).toISOString(), why: 'it answered 410 to evt_a-1' },
      },
    ]);
  });

  it('stays off when the engine starts anew, until it is enabled', async () => {
    const first = await begin();
    first.receiver.script.push(answer(410));
    first.runtime.publish(anEvent(1));
    await eventually(() => first.runtime.bots()[0]?.off).not.toBeNull();
    await first.runtime.close();
    const second = await begin({}, { url: first.receiver.url }, {}, first.beyond);
    second.runtime.publish(anEvent(2));
    await eventually(() => lettersOf(second)).toEqual(['evt_1-1 endpoint_gone', 'evt_1-2 endpoint_gone']);
    await expect(second.runtime.redeliver(eventId('1-1'))).rejects.toMatchObject({ code: 'endpoint_off' });
    await expect(second.runtime.redeliverAll('line')).rejects.toMatchObject({ code: 'endpoint_off' });
    expect(first.receiver.received).toHaveLength(1);
    await second.runtime.enable('line');
    expect(second.runtime.bots()[0]?.off).toBeNull();
    second.runtime.publish(anEvent(3));
    await second.runtime.redeliverAll(undefined);
    await eventually(() => lettersOf(second)).toEqual([]);
    expect(first.seqs().slice(1).sort()).toEqual([1, 2, 3]);
  });

  it('is off, and on again, for other engines by their next look', async () => {
    const one = await begin();
    const other = await begin({}, { url: one.receiver.url }, {}, one.beyond);
    one.receiver.script.push(answer(410));
    one.runtime.publish(anEvent(1));
    await eventually(() => one.runtime.bots()[0]?.off).not.toBeNull();
    expect(other.runtime.bots()[0]?.off).toBeNull();
    other.clock.advance(2_000);
    await eventually(() => other.runtime.bots()[0]?.off).toEqual(one.runtime.bots()[0]?.off);
    await other.runtime.enable('line');
    one.clock.advance(2_000);
    await eventually(() => one.runtime.bots()[0]?.off).toBeNull();
    one.runtime.publish(anEvent(2));
    await eventually(() => one.seqs()).toEqual([1, 2]);
  });

  it('is written down when the store is back, and enabled only where it can be written', async () => {
    const store = createMemoryEndpointSwitches();
    let away = true;
    const asked = <T>(run: () => Promise<T>): Promise<T> =>
      away ? Promise.reject(new AppError('store_unavailable', 'away')) : run();
    const switches: typeof store = {
      turnOff: (url, off) => asked(() => store.turnOff(url, off)),
      turnOn: (url) => asked(() => store.turnOn(url)),
      off: (urls) => asked(() => store.off(urls)),
    };
    const bench = await begin({}, {}, {}, { switches });
    bench.receiver.script.push(answer(410));
    bench.runtime.publish(anEvent(1));
    await eventually(() => bench.runtime.bots()[0]?.off).not.toBeNull();
    away = false;
    bench.clock.advance(2_000);
    await eventually(async () => (await store.off([bench.receiver.url])).size).toBe(1);
    away = true;
    await expect(bench.runtime.enable('line')).rejects.toMatchObject({ code: 'store_unavailable' });
    expect(bench.runtime.bots()[0]?.off).not.toBeNull();
    away = false;
    await bench.runtime.enable('line');
    expect((await store.off([bench.receiver.url])).size).toBe(0);
  });

  it('shows no password', async () => {
    const bench = await begin(
      {},
      { url: 'http://user:sesame@127.0.0.1:1/events?token=open' },
      { nobody: null },
    );
    expect(bench.runtime.bots()[0]?.url).toBe('http://127.0.0.1:1/events');
    await expect(bench.runtime.enable('nobody')).rejects.toMatchObject({ code: 'unknown_channel' });
  });
});
