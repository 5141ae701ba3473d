import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { HttpApiOptions } from '../../../src/adapters/http/options.js';
import { eventually } from '../../support/eventually.js';
import { httpBench, type HttpBench } from '../../support/http-bench.js';
import { aFailure } from '../../support/records.js';
import { answer } from '../../support/webhook-receiver.js';
import { botsBench, type BotsBench } from '../bots/bots-bench.js';

let bots: BotsBench;
let bench: HttpBench;
const nowhere = { url: null, dialect: 'jaicp', secret: null, converses: false, retryForMs: 0 } as const;

async function begin(over: Partial<HttpApiOptions> = {}): Promise<void> {
  bots = await botsBench({}, { retryForMs: 0 }, { deaf: null, nobody: null, attic: nowhere });
  bench = await httpBench({ bots: bots.runtime, letters: bots.beyond.letters, ...over });
}
beforeEach(() => begin());
afterEach(async () => {
  await bench.api.close();
  await bots.stop();
});

/** Events `seqs` of call 1 that the bot did not want. */
async function dead(...seqs: number[]): Promise<void> {
  bots.receiver.otherwise = answer(500);
  for (const seq of seqs) bots.runtime.publish(aFailure(seq));
  await eventually(() => bots.beyond.letters.count()).toBe(seqs.length);
  bots.receiver.otherwise = answer(204);
  bots.receiver.received.length = 0;
}

const code = ({ json }: { json: Record<string, unknown> }): unknown => json['code'];
const listed = async (query = ''): Promise<unknown[]> => {
  const { json } = await bench.get(`/v1/dead-letters${query}`);
  return (json['items'] as { event: { seq: number } }[]).map(({ event }) => event.seq);
};

describe('/v1/dead-letters', () => {
  it('lists what was given up, page by page and by channel, and shows one', async () => {
    await dead(1, 2, 3);
    const page = await bench.get('/v1/dead-letters?limit=2');
    expect(page.status).toBe(200);
    expect(await listed(`?after=${String(page.json['nextCursor'])}`)).toEqual([3]);
    expect(await listed('?channel=line')).toEqual([1, 2, 3]);
    expect(await listed('?channel=other')).toEqual([]);
    const one = await bench.get('/v1/dead-letters/evt_1-2');
    expect(one.json).toMatchObject({ event: aFailure(2), why: 'given_up', attempts: 1 });
    expect(code(await bench.get('/v1/dead-letters/evt_9'))).toBe('dead_letter_not_found');
    expect(code(await bench.get('/v1/dead-letters?limit=201'))).toBe('invalid_field');
  });

  it('sends one again, and it is struck off once the bot has it', async () => {
    await dead(1, 2);
    const asked = await bench.post('/v1/dead-letters/evt_1-2/redeliver');
    expect([asked.status, asked.json]).toEqual([202, { eventId: 'evt_1-2' }]);
    await eventually(() => listed()).toEqual([1]);
    expect(bots.seqs()).toEqual([2]);
    expect(code(await bench.post('/v1/dead-letters/evt_1-2/redeliver'))).toBe('dead_letter_not_found');
  });

  it('sends all again, of one channel or of every one', async () => {
    await dead(1, 2, 3);
    const none = await bench.post('/v1/dead-letters/redeliver?channel=attic');
    expect([none.status, none.json]).toEqual([202, { channel: 'attic', letters: 0 }]);
    expect(bots.seqs()).toEqual([]);
    const all = await bench.post('/v1/dead-letters/redeliver');
    expect([all.status, all.json]).toEqual([202, { channel: null, letters: 3 }]);
    await eventually(() => listed()).toEqual([]);
    expect(bots.seqs()).toEqual([1, 2, 3]);
    expect(code(await bench.post('/v1/dead-letters/redeliver?channel=deaf'))).toBe('unknown_channel');
  });

  it('throws one away', async () => {
    await dead(1, 2);
    expect((await bench.del('/v1/dead-letters/evt_1-1')).status).toBe(204);
    expect(await listed()).toEqual([2]);
    expect(code(await bench.del('/v1/dead-letters/evt_1-1'))).toBe('dead_letter_not_found');
  });

  it('wants a token where one is configured', async () => {
    await bench.api.close();
    bench = await httpBench({ bots: bots.runtime, letters: bots.beyond.letters, tokens: ['t'] });
    await dead(1);
    for (const path of ['/v1/dead-letters', '/v1/dead-letters/evt_1-1', '/v1/bots'])
      expect(code(await bench.get(path))).toBe('unauthorized');
    for (const path of ['/v1/dead-letters/redeliver', '/v1/dead-letters/evt_1-1/redeliver'])
      expect(code(await bench.post(path))).toBe('unauthorized');
    expect(code(await bench.post('/v1/bots/line/enable'))).toBe('unauthorized');
    expect(code(await bench.del('/v1/dead-letters/evt_1-1'))).toBe('unauthorized');
    expect(bots.receiver.received).toEqual([]);
    expect((await bench.get('/v1/bots', { authorization: 'Bearer t' })).status).toBe(200);
  });
});

describe('/v1/bots', () => {
  it('shows every channel whose events go somewhere', async () => {
    await dead(1);
    const { json } = await bench.get('/v1/bots');
    const quiet = { state: 'up', since: null, why: null, connected: 0, waiting: 0 };
    expect(json['items']).toEqual([
      { channel: 'line', url: bots.receiver.url, dialect: 'native', ...quiet, deadLetters: 1 },
      { channel: 'attic', url: null, dialect: 'jaicp', ...quiet, deadLetters: 0 },
    ]);
  });

  it('names an endpoint that answered 410, readiness does too, and it can be enabled', async () => {
    bots.receiver.script.push(answer(410));
    bots.runtime.publish(aFailure(1));
    await eventually(() => listed()).toEqual([1]);
    const bot = async () => ((await bench.get('/v1/bots')).json['items'] as object[])[0];
    const since = new Date(bots.clock.now()).toISOString();
    expect(await bot()).toMatchObject({ state: 'disabled', since, why: 'it answered 410 to evt_1-1' });
    const ready = await bench.get('/readyz');
    expect(ready.status).toBe(200);
    expect(ready.json).toMatchObject({
      ready: true,
      dependencies: { 'bot:line': 'down' },
      details: { 'bot:line': `switched off since ${since}: it answered 410 to evt_1-1` },
    });
    expect(code(await bench.post('/v1/dead-letters/evt_1-1/redeliver'))).toBe('endpoint_off');
    const enabled = await bench.post('/v1/bots/line/enable');
    expect([enabled.status, enabled.json['state']]).toEqual([200, 'up']);
    expect(await bot()).toMatchObject({ state: 'up', since: null });
    expect(JSON.stringify((await bench.get('/readyz')).json)).not.toContain('bot:');
    expect((await bench.post('/v1/dead-letters/evt_1-1/redeliver')).status).toBe(202);
    await eventually(() => listed()).toEqual([]);
    expect(code(await bench.post('/v1/bots/nobody/enable'))).toBe('unknown_channel');
  });
});
