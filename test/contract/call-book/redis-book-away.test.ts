import { describe, expect, it } from 'vitest';
import { callId } from '../../../src/domain/ids.js';
import { eventually } from '../../support/eventually.js';
import { anEvent } from '../../support/records.js';
import { SlowProxy } from '../store/slow-proxy.js';
import { aPage } from './book-bench.js';
import { allOf, BookRig, inherit, write } from './book-rig.js';
import type { RedisBook } from './redis-book-bench.js';

/** What was answered is on disk. */
const DURABLE = ['--appendonly', 'yes', '--appendfsync', 'always'];

const rig = new BookRig();

const pagesLost = ({ metrics }: RedisBook): number =>
  metrics.told.filter((told) => told === 'storeWriteLost(page)').length;

describe('redis frozen for longer than a lease', () => {
  for (const [how, writeMs] of [
    ['and heard again on the same connection', 10_000],
    ['and heard again on another one', 800],
  ] as const)
    it(`${how}: no call changes hands, and nothing is lost`, async () => {
      await rig.start();
      const over = { deadlines: { writeMs } };
      const [a, b] = [await rig.open('a', over), await rig.open('b', over)];
      await Promise.all(write(a, 50, '"before"', 1));
      rig.server.freeze();
      const waiting = write(a, 50, '"meanwhile"', 2);
      a.book.settled(callId('1000'), anEvent(1, '1000').id);
      const thawed = new Promise((resolve) => setTimeout(resolve, 2_500)).then(() => rig.server.thaw());
      await expect(b.book.engineOf(callId('1000'))).rejects.toMatchObject({ code: 'store_unavailable' });
      await thawed;
      expect(new Set(await Promise.all(waiting))).toEqual(new Set(['written']));
      // Long enough for the mistake to be made: grace, looks and shares.
      await expect.poll(() => b.book.engines(), { timeout: 10_000 }).toHaveLength(2);
      const quiet = Date.now() + 2_000;
      await eventually(() => Date.now()).toBeGreaterThan(quiet);
      expect([...a.orphans, ...b.orphans, ...a.lost, ...b.lost]).toEqual([]);
      for (const { message } of a.logged) expect(message).toContain('was not heard');
      const found = await inherit(a, b, 50);
      expect(found.map(({ state }) => state)).toEqual(Array<string>(50).fill('"meanwhile"'));
      expect(found.filter(({ seqs }) => seqs.length === 1)).toEqual(allOf(1, '"meanwhile"', [2]));
      expect(found.filter(({ seqs }) => seqs.length === 2)).toEqual(allOf(49, '"meanwhile"', [1, 2]));
    });
});

describe('redis killed', () => {
  it('and back with what it had: the newest pages are written, with the events of all; nobody is robbed', async () => {
    await rig.start(...DURABLE);
    const [a, b] = [await rig.open('a'), await rig.open('b')];
    await Promise.all(write(a, 50, '"1"', 1));
    await b.book.save(aPage('of b'));
    await rig.server.kill();
    const waiting = [...write(a, 50, '"2"', 2), ...write(a, 50, '"3"', 3)];
    const over = a.book.save(aPage('1000', { state: null }));
    // All leases run out meanwhile, and Redis knows whose they were.
    await new Promise((resolve) => setTimeout(resolve, 2_000));
    await rig.server.restart();
    expect(new Set(await Promise.all(waiting))).toEqual(new Set(['written']));
    expect(await over).toBe('written');
    const found = await inherit(a, b, 50);
    expect(a.orphans).toEqual([]);
    expect(found.filter(({ state }) => state === null)).toEqual([{ state: null, seqs: [1, 2, 3] }]);
    expect(found.filter(({ state }) => state !== null)).toEqual(allOf(49, '"3"', [1, 2, 3]));
  });

  it('and back empty: everything is written again, also of calls to which nothing happens', async () => {
    await rig.start();
    const [a, b] = [await rig.open('a'), await rig.open('b')];
    await Promise.all(write(a, 300, '"1"', 1));
    a.book.settled(callId('1007'), anEvent(1, '1007').id);
    await a.book.save(aPage('1007', { state: '"1"', seqs: [2] }));
    await rig.server.kill();
    await rig.server.restart();
    await eventually(() =>
      rig.server.look((redis) => redis.scard(`switchhook:engine:{${a.book.engine}}:calls`)),
    ).toBe(300);
    const found = await inherit(a, b, 300);
    expect(found.filter(({ seqs }) => seqs[0] === 2)).toEqual(allOf(1, '"1"', [2]));
    expect(found.filter(({ seqs }) => seqs[0] === 1)).toEqual(allOf(299, '"1"', [1]));
  });

  it('and an engine dies before it is back: its calls are found, those of the living stay', async () => {
    await rig.start(...DURABLE);
    const [a, b] = [await rig.open('a'), await rig.open('b')];
    await Promise.all(write(a, 10, '"1"', 1));
    await b.book.save(aPage('of b'));
    await rig.server.kill();
    a.cut();
    await rig.server.restart();
    await eventually(() => b.orphans.length).toBe(10);
    expect(b.lost).toEqual([]);
    expect(await b.book.save(aPage('of b'))).toBe('written');
  });
});

describe('redis slow', () => {
  it('is written to and taken over from', async () => {
    await rig.start();
    const proxy = await SlowProxy.to(rig.server.port);
    const at = { ...rig.server.connection(), node: { host: '127.0.0.1', port: proxy.port } };
    const [a, b] = [await rig.open('a', {}, at), await rig.open('b', {}, at)];
    proxy.delayMs = 150;
    await Promise.all(write(a, 50, '"1"', 1));
    const began = Date.now();
    await Promise.all([...write(a, 50, '"2"', 2), ...write(a, 50, '"3"', 3)]);
    // The first is under way while the second comes, and then what came meanwhile goes with one write.
    expect(Date.now() - began).toBeLessThan(900);
    expect(await inherit(a, b, 50)).toEqual(allOf(50, '"3"', [1, 2, 3]));
    proxy.delayMs = 0;
    await rig.stopBooks();
    await proxy.stop();
  });
});

describe('what must be given up', () => {
  it('is named, counted and refused; the call is whole in the book again with its next page', async () => {
    await rig.start();
    const [a, b] = [await rig.open('a', { limits: { waiting: 1_500 } }), await rig.open('b')];
    await a.book.save(aPage('x', { seqs: [1] }));
    await a.book.save(aPage('over', { seqs: [1] }));
    await rig.server.kill();
    await eventually(() => a.link.isReady).toBe(false);
    const big = `"${'x'.repeat(1_000)}"`;
    const doomed = a.book.save(aPage('x', { state: big, seqs: [2] }));
    const over = a.book.save(aPage('over', { state: null, seqs: [] }));
    const kept = a.book.save(aPage('y', { state: big }));
    await expect(doomed).rejects.toMatchObject({ code: 'store_unavailable' });
    expect(a.logged.at(-1)).toEqual({
      fields: { callId: 'call_x', events: 1, why: 'too much waits for the store' },
      message: 'a page of the call book was given up',
    });
    expect(pagesLost(a)).toBe(1);
    await rig.server.restart();
    expect(await Promise.all([over, kept])).toEqual(['written', 'written']);
    expect(await a.book.save(aPage('x', { state: '"again"', seqs: [3] }))).toBe('written');
    await inherit(a, b, 3);
    const found = b.orphans.map(({ callId: id, state, unsettled }) => [
      id,
      state,
      unsettled.map((e) => e.seq),
    ]);
    expect(found.sort()).toEqual([
      ['call_over', null, [1]],
      ['call_x', '"again"', [1, 3]],
      ['call_y', big, []],
    ]);
  });

  it('what Redis refuses for good holds up nobody', async () => {
    await rig.start();
    const a = await rig.open('a');
    await rig.server.look((redis) => redis.set('switchhook:{call_x}:page', 'not a hash'));
    await expect(a.book.save(aPage('x'))).rejects.toThrow(/WRONGTYPE/);
    expect(await a.book.save(aPage('y'))).toBe('written');
    expect(pagesLost(a)).toBe(1);
  });

  it('when the engine stops, what could not be written is named', async () => {
    await rig.start();
    const a = await rig.open('a', { deadlines: { closeMs: 100 } });
    await rig.server.kill();
    await eventually(() => a.link.isReady).toBe(false);
    const refused = expect(a.book.save(aPage('x', { seqs: [1] }))).rejects.toThrow(/the engine stopped/);
    const asked = Date.now();
    await a.book.stop();
    expect(Date.now() - asked).toBeLessThan(1_000);
    await refused;
    expect(a.logged.at(-1)?.fields).toMatchObject({ callId: 'call_x', events: 1 });
  });
});
