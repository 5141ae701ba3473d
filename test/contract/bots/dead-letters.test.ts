import { afterEach, describe, expect, it } from 'vitest';
import { Webhook } from 'standardwebhooks';
import { createMemoryDeadLetters } from '../../../src/adapters/memory/dead-letters.js';
import { eventId } from '../../../src/domain/ids.js';
import { AppError } from '../../../src/errors.js';
import { silentLog } from '../../../src/ports/log.js';
import { eventually } from '../../support/eventually.js';
import { aFailure, anEvent } from '../../support/records.js';
import { answer, hang } from '../../support/webhook-receiver.js';
import { botsBench, SECRET, type BotsBench } from './bots-bench.js';

let bench: BotsBench;
afterEach(() => bench.stop());

const impatient = { retryForMs: 0 };
const listed = async () => (await bench.beyond.letters.list({ limit: 200 })).items;
const listedSeqs = async () => (await listed()).map(({ event }) => event.seq);

describe('an event that cannot be delivered', () => {
  it('is with the dead letters, with all that is known, and settled then', async () => {
    bench = await botsBench({}, { retryForMs: 400 });
    bench.receiver.otherwise = answer(503);
    const begun = bench.clock.now();
    let settled = 0;
    bench.runtime.publish(aFailure(1), null, () => (settled += 1));
    await eventually(() => bench.count('eventDelivered(refused)')).toBe(1);
    expect([settled, await listed()]).toEqual([0, []]);
    bench.clock.advance(375);
    await eventually(() => settled).toBe(1);
    const at = (ms: number) => new Date(begun + ms).toISOString();
    expect(await listed()).toEqual([
      {
        event: aFailure(1),
        body: bench.receiver.received[0]?.body,
        why: 'given_up',
        attempts: 2,
        lastAnswer: { result: 'refused', status: 503 },
        firstTriedAt: at(0),
        lastTriedAt: at(375),
        diedAt: at(375),
      },
    ]);
  });

  it('of a bot nobody can reach has no status', async () => {
    bench = await botsBench({}, { ...impatient, url: 'http://127.0.0.1:1/events' });
    bench.runtime.publish(anEvent(1));
    await eventually(listedSeqs).toEqual([1]);
    expect((await listed())[0]?.lastAnswer).toEqual({ result: 'unreachable', status: null });
  });

  it('because too much waits was never tried', async () => {
    bench = await botsBench({ perCall: 2 });
    bench.receiver.otherwise = hang;
    for (const n of [1, 2, 3]) bench.runtime.publish(anEvent(n));
    await eventually(listedSeqs).toEqual([2]);
    expect((await listed())[0]).toMatchObject({ why: 'queue_full', attempts: 0, firstTriedAt: null });
  });

  it('waits for the store when it is away, is settled only then, and kept within bounds', async () => {
    const letters = createMemoryDeadLetters({ log: silentLog });
    let away = true;
    const put: typeof letters.put = (letter) =>
      away ? Promise.reject(new AppError('store_unavailable', 'away')) : letters.put(letter);
    const kept = { letters: Object.assign(Object.create(letters) as typeof letters, { put }) };
    bench = await botsBench({ unburied: 3 }, impatient, {}, kept);
    bench.receiver.otherwise = answer(500);
    const settled: number[] = [];
    for (const n of [1, 2, 3, 4, 5]) bench.runtime.publish(anEvent(n), null, () => settled.push(n));
    await eventually(() => bench.count('eventLost(given_up)')).toBe(5);
    expect(settled).toEqual([]);
    expect(bench.logged.filter((line) => line.startsWith('error')).length).toBe(2);
    away = false;
    await eventually(() => bench.clock.nextIn).toBe(1_000);
    bench.clock.advance(1_000);
    await eventually(() => settled).toEqual([1, 2, 3]);
    expect(await listedSeqs()).toEqual([1, 2, 3]);
  });
});

describe('a bot that is down', () => {
  it('is waited for as long as the channel says; one that says no, for less', async () => {
    bench = await botsBench({ refusedForMs: 1_000 }, { retryForMs: 3_600_000 });
    const tried = (times: number) => eventually(() => bench.count('eventDelivered(refused)')).toBe(times);
    bench.receiver.otherwise = answer(404);
    bench.runtime.publish(anEvent(1, 'no'));
    await tried(1);
    bench.clock.advance(375);
    await eventually(listedSeqs).toEqual([1]);
    expect((await listed())[0]).toMatchObject({
      attempts: 2,
      lastAnswer: { result: 'refused', status: 404 },
    });

    bench.receiver.otherwise = answer(502);
    bench.runtime.publish(anEvent(2, 'down'));
    for (let times = 1; times <= 9; times += 1) {
      await tried(2 + times);
      bench.clock.advance(bench.clock.nextIn!);
    }
    expect(await listedSeqs()).toEqual([1]);
  });

  it('and up again is told at once what waited, news first', async () => {
    bench = await botsBench({ concurrency: 1, downAfter: 3 }, { retryForMs: 3_600_000 });
    bench.receiver.otherwise = answer(502);
    for (const call of ['a', 'b', 'c']) bench.runtime.publish(anEvent(1, call));
    await eventually(() => bench.count('eventDelivered(refused)')).toBe(3);
    bench.receiver.otherwise = answer(204);
    bench.runtime.publish(anEvent(1, 'news'));
    await eventually(() => bench.receiver.received.length).toBe(7);
    const calls = bench.receiver.received.slice(3).map((request) => request.json['callId']);
    expect(calls).toEqual(['call_news', 'call_a', 'call_b', 'call_c']);
    await eventually(() => bench.clock.pending).toBe(0);
  });

  it('holds up no question of another call', async () => {
    bench = await botsBench({ concurrency: 1 }, { retryForMs: 3_600_000 });
    const held: (() => void)[] = [];
    bench.receiver.otherwise = (_request, response) => held.push(() => response.writeHead(502).end());
    for (const call of ['a', 'b']) bench.runtime.publish(anEvent(1, call));
    for (const tried of [1, 2]) {
      await eventually(() => held.length).toBe(tried);
      held.at(-1)!();
    }
    await eventually(() => bench.count('eventDelivered(refused)')).toBe(2);
    bench.clock.advance(375);
    await eventually(() => held.length).toBe(3);
    bench.runtime.publish(anEvent(1, 'asks'), 7);
    held.at(-1)!();
    await eventually(() => bench.receiver.received.length).toBe(4);
    expect(bench.receiver.received.at(-1)?.json['callId']).toBe('call_asks');
  });
});

describe('redelivery', () => {
  const dead = async (...seqs: number[]): Promise<void> => {
    bench.receiver.otherwise = answer(500);
    for (const n of seqs) bench.runtime.publish(aFailure(n));
    await eventually(listedSeqs).toEqual(seqs);
    bench.receiver.received.length = 0;
    bench.receiver.otherwise = answer(204);
  };

  it('sends the same id and body, signed anew, and strikes it off once delivered', async () => {
    bench = await botsBench({}, impatient);
    bench.clock.advance(Date.now() - bench.clock.now());
    await dead(1);
    const [letter] = await listed();
    await bench.runtime.redeliver(eventId('1-1'));
    await eventually(listedSeqs).toEqual([]);
    const { headers, body } = bench.receiver.received[0]!;
    expect(body).toBe(letter?.body);
    expect(headers['webhook-id']).toBe('evt_1-1');
    const signed = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]));
    expect(new Webhook(SECRET).verify(body, signed)).toEqual(JSON.parse(body));
    await expect(bench.runtime.redeliver(eventId('1-1'))).rejects.toMatchObject({
      code: 'dead_letter_not_found',
    });
  });

  it('goes behind what the call has waiting', async () => {
    bench = await botsBench({}, impatient);
    await dead(1);
    let release = (): void => undefined;
    bench.receiver.script.push((_request, response) => (release = () => response.writeHead(204).end()));
    bench.runtime.publish(anEvent(2));
    bench.runtime.publish(anEvent(3));
    await eventually(() => bench.seqs()).toEqual([2]);
    await bench.runtime.redeliver(eventId('1-1'));
    release();
    await eventually(() => bench.seqs()).toEqual([2, 3, 1]);
  });

  it('that fails leaves it where it was, with the attempts of all its lives', async () => {
    bench = await botsBench({ redeliverForMs: 400 }, impatient);
    await dead(1, 2);
    bench.receiver.otherwise = answer(418);
    await bench.runtime.redeliver(eventId('1-1'));
    await bench.runtime.redeliver(eventId('1-1'));
    await eventually(() => bench.count('eventDelivered(refused)')).toBe(3);
    bench.clock.advance(375);
    await eventually(async () => (await listed())[0]?.attempts).toBe(3);
    expect(bench.receiver.received).toHaveLength(2);
    expect(await listedSeqs()).toEqual([1, 2]);
    expect((await listed())[0]?.lastAnswer).toEqual({ result: 'refused', status: 418 });
  });

  it('of all goes oldest first, a few at a time, and takes none twice', async () => {
    bench = await botsBench({ redeliverAtOnce: 2 }, impatient, {
      other: { url: null, dialect: 'native', secret: null, converses: false, retryForMs: 0 },
      nobody: null,
    });
    await dead(1, 2, 3, 4, 5);
    expect(await bench.runtime.redeliverAll('line')).toBe(5);
    await bench.runtime.redeliverAll(undefined);
    await eventually(listedSeqs).toEqual([]);
    expect(bench.seqs()).toEqual([1, 2, 3, 4, 5]);
    await expect(bench.runtime.redeliverAll('nobody')).rejects.toMatchObject({ code: 'unknown_channel' });
  });

  it('of all ends where nothing but failures comes back', async () => {
    bench = await botsBench({ redeliverAtOnce: 2, redeliverForMs: 0 }, impatient);
    await dead(1, 2, 3, 4, 5);
    bench.receiver.otherwise = answer(500);
    await bench.runtime.redeliverAll('line');
    await eventually(() => bench.logged.at(-1)).toMatch(/dead letters sent again.*"delivered":0/);
    expect(bench.seqs()).toEqual([1, 2]);
    expect(await listedSeqs()).toEqual([1, 2, 3, 4, 5]);
  });
});
