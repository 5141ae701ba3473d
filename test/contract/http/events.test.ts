import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { eventually } from '../../support/eventually.js';
import { EventSource } from '../../support/event-source.js';
import { httpBench, type HttpBench } from '../../support/http-bench.js';
import { anEvent } from '../../support/records.js';

let bench: HttpBench;
const sources: EventSource[] = [];
beforeEach(async () => {
  bench = await httpBench();
});
afterEach(async () => {
  for (const source of sources.splice(0)) source.stop();
  await bench.api.close();
});

async function open(query = '', headers: Record<string, string> = {}): Promise<EventSource> {
  const source = await EventSource.open(`${bench.url}/v1/events${query}`, headers);
  sources.push(source);
  return source;
}

async function append(from: number, to: number): Promise<string[]> {
  const cursors: string[] = [];
  for (let n = from; n <= to; n += 1) cursors.push(await bench.store.appendEvent(anEvent(n)));
  return cursors;
}

const names = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, i) => `evt_1-${from + i}`);

describe('GET /v1/events', () => {
  it('streams from now on, each event with its cursor, type and envelope', async () => {
    await append(1, 2);
    const source = await open();
    expect(source.response.headers['content-type']).toBe('text/event-stream; charset=utf-8');
    const [cursor] = await append(3, 3);
    await eventually(() => source.events).toHaveLength(1);
    expect(source.events[0]).toEqual({ id: cursor, event: 'call.started', data: anEvent(3) });
  });

  it('streams from now on also when nothing has happened yet', async () => {
    const source = await open();
    await append(1, 3);
    await eventually(() => source.ids).toEqual(names(1, 3));
  });

  it('replays behind ?after and goes on live, without gap or duplicate', async () => {
    const cursors = await append(1, 250);
    const appending = (async () => {
      for (let n = 251; n <= 600; n += 1) {
        await append(n, n);
        if (n % 7 === 0) await new Promise(setImmediate);
      }
    })();
    const source = await open(`?after=${cursors[9]!}`);
    await appending;
    await eventually(() => source.events.length).toBe(590);
    expect(source.ids).toEqual(names(11, 600));
  });

  it('Last-Event-ID of a reconnect wins over ?after', async () => {
    const cursors = await append(1, 5);
    const source = await open(`?after=${cursors[0]!}`, { 'last-event-id': cursors[3]! });
    await eventually(() => source.ids).toEqual(['evt_1-5']);
  });

  it('a cursor nobody knows begins with the oldest event', async () => {
    await append(1, 2);
    const source = await open('?after=whatever');
    await eventually(() => source.ids).toEqual(names(1, 2));
  });

  it.each(['1-0\ndata: made up', '1-0\r\nevent: call.ended', ''])(
    'a cursor is not repeated as lines of the stream: %j',
    async (after) => {
      await append(1, 1);
      const source = await open(`?after=${encodeURIComponent(after)}`);
      await eventually(() => source.ids).toEqual(names(1, 1));
      expect(source.text.split(/[\r\n]+/).slice(0, 3)).toEqual([
        'retry: 2000',
        'id: 0-0',
        `id: ${source.events[0]!.id}`,
      ]);
    },
  );

  it('reconnecting again and again loses and repeats nothing', async () => {
    const [start] = await append(0, 0);
    const seen: string[] = [];
    let cursor = start!;
    for (let round = 0; round < 5; round += 1) {
      const source = await open('', { 'last-event-id': cursor });
      await append(round * 10 + 1, round * 10 + 10);
      await eventually(() => source.events.length).toBeGreaterThan(2);
      source.stop();
      seen.push(...source.ids);
      cursor = source.events.at(-1)!.id;
    }
    const last = await open('', { 'last-event-id': cursor });
    await eventually(() => seen.length + last.ids.length).toBe(50);
    expect([...seen, ...last.ids]).toEqual(names(1, 50));
  });

  it('a reconnect before the first event misses none', async () => {
    for (const kept of [0, 3]) {
      if (kept > 0) await append(1, kept);
      const source = await open();
      await eventually(() => source.lastId).toBeDefined();
      source.stop();
      await append(kept + 10, kept + 12);
      const next = await open('', { 'last-event-id': source.lastId! });
      await eventually(() => next.ids).toEqual(names(kept + 10, kept + 12));
    }
  });

  it('beats while nothing happens, and finds what a lost wake-up hid', async () => {
    const deaf = await httpBench({
      events: {
        ...bench.store,
        lastCursor: () => Promise.resolve(undefined),
        subscribe: () => () => undefined,
      },
    });
    const source = await EventSource.open(`${deaf.url}/v1/events`);
    await eventually(() => deaf.clock.nextIn).toBe(15_000);
    deaf.clock.advance(15_000);
    await eventually(() => source.comments).toBe(1);
    await deaf.store.appendEvent(anEvent(1));
    deaf.clock.advance(15_000);
    await eventually(() => source.ids).toEqual(['evt_1-1']);
    source.stop();
    await deaf.api.close();
  });

  it('a client that does not read is disconnected, not buffered for', async () => {
    const source = await open();
    source.response.pause();
    const big = { from: 'x'.repeat(100_000), to: '', trunk: '' };
    for (let n = 1; n <= 300; n += 1) await bench.store.appendEvent(anEvent(n, '1', { data: big }));
    // The heartbeat waits first; the slow client's deadline joins it once its socket is full.
    await eventually(() => bench.clock.nextIn).toBe(10_000);
    bench.clock.advance(10_000);
    await eventually(() => bench.clock.pending).toBe(0);
    source.response.resume();
    await eventually(() => source.closed).toBe(true);
    expect(source.events.length).toBeLessThan(300);
  });

  it('leaves nothing behind when the client goes', async () => {
    const source = await open();
    source.stop();
    await eventually(() => bench.clock.pending).toBe(0);
  });

  it('is bounded in number', async () => {
    const few = await httpBench({ limits: { streams: 1 } });
    const source = await EventSource.open(`${few.url}/v1/events`);
    const refused = await few.get('/v1/events');
    expect([refused.status, refused.json['code']]).toEqual([503, 'too_many_streams']);
    source.stop();
    await few.api.close();
  });

  it('ends when the API closes', async () => {
    const source = await open();
    await bench.api.close();
    await eventually(() => source.closed).toBe(true);
  });

  it('ends, and is logged, when the store fails', async () => {
    bench.store.readEvents = () => Promise.reject(new Error('store is down'));
    const source = await open();
    await eventually(() => source.closed).toBe(true);
    expect(bench.log.join()).toContain('store is down');
  });
});

describe('GET /v1/events as JSON', () => {
  const json = { accept: 'application/json' };
  interface Page {
    readonly items: readonly { readonly cursor: string; readonly event: { readonly id: string } }[];
    readonly cursor: string | null;
  }
  const read = async (query: string): Promise<Page> =>
    (await bench.get(`/v1/events${query}`, json)).json as unknown as Page;

  it('is the log page by page, from the oldest, and a cursor goes on with what comes later', async () => {
    expect(await read('')).toEqual({ items: [], cursor: null });
    await append(1, 5);
    const first = await read('?limit=3');
    expect(first.items[0]).toMatchObject({ event: anEvent(1) });
    expect(first.items.map(({ event }) => event.id)).toEqual(names(1, 3));
    const second = await read(`?limit=3&after=${first.cursor!}`);
    expect(second.items.map(({ event }) => event.id)).toEqual(names(4, 5));
    expect(await read(`?after=${second.cursor!}`)).toEqual({ items: [], cursor: second.cursor });
    const stream = await open(`?after=${second.cursor!}`);
    await append(6, 6);
    await eventually(() => stream.ids).toEqual(names(6, 6));
    expect((await read(`?after=${second.cursor!}`)).items.map(({ cursor }) => cursor)).toEqual([
      stream.events[0]?.id,
    ]);
  });

  it('takes a limit within bounds, and no limit of streams counts', async () => {
    expect((await bench.get('/v1/events?limit=0', json)).json['code']).toBe('invalid_field');
    expect((await bench.get('/v1/events?limit=1001', json)).status).toBe(422);
    const few = await httpBench({ limits: { streams: 0 } });
    expect((await few.get('/v1/events', json)).status).toBe(200);
    expect((await few.get('/v1/events')).status).toBe(503);
    await few.api.close();
  });
});
