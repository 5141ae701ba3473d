import { describe, expect, it } from 'vitest';
import { callId } from '../../../src/domain/ids.js';
import { eventually } from '../../support/eventually.js';
import { anEvent } from '../../support/records.js';
import { aPage } from './book-bench.js';
import { BookRig, inherit, write } from './book-rig.js';

const rig = new BookRig();

describe('answers that are lost', () => {
  it('a page written twice is as one written once', async () => {
    await rig.start();
    const over = { deadlines: { writeMs: 300 } };
    const [a, b] = [await rig.open('a', over), await rig.open('b')];
    await a.book.save(aPage('x', { seqs: [1] }));
    a.link.loseAnswers(1);
    const saved = a.book.save(aPage('x', { seqs: [2], state: '"2"' }));
    a.book.settled(callId('x'), anEvent(1, 'x').id);
    expect(await saved).toBe('written');
    await a.book.save(aPage('z', { seqs: [1] }));
    a.link.loseAnswers(1);
    const over_ = a.book.save(aPage('z', { state: null }));
    a.book.settled(callId('z'), anEvent(1, 'z').id);
    expect(await over_).toBe('written');
    await a.book.stop();
    await eventually(() => b.orphans.length).toBe(1);
    expect(b.orphans[0]).toMatchObject({ callId: 'call_x', state: '"2"', unsettled: [{ seq: 2 }] });
  });

  it('a call claimed by a claim nobody heard of is claimed, not lost', async () => {
    await rig.start();
    const [a, b] = [await rig.open('a'), await rig.open('b', { deadlines: { writeMs: 300 } })];
    await a.book.save(aPage('x', { seqs: [1] }));
    b.link.loseAnswers(1);
    expect(await inherit(a, b, 1)).toEqual([{ state: '{"of":"x"}', seqs: [1] }]);
    expect(b.orphans[0]?.tenure).toBe(2);
    expect(await b.book.save(aPage('x', { tenure: 2 }))).toBe('written');
  });

  it('also when others have crossed it off meanwhile', async () => {
    await rig.start();
    const over = { deadlines: { writeMs: 1_500 } };
    const [a, b] = [await rig.open('a'), await rig.open('b', over)];
    // The script is known to Redis behind its first run: only then is there an answer to lose.
    await a.book.save(aPage('first'));
    await inherit(a, b, 1);
    const [d, c] = [await rig.open('d'), await rig.open('c')];
    await Promise.all(write(d, 20, '"1"', 1));
    b.link.loseAnswers(20);
    d.cut();
    await eventually(() =>
      rig.server.look((redis) => redis.exists('switchhook:engine:{engine_d}:calls')),
    ).toBe(0);
    expect(b.orphans).toHaveLength(1);
    expect(c.orphans.length).toBeLessThan(20);
    b.link.loseAnswers(0);
    await eventually(() => b.orphans.length + c.orphans.length).toBe(21);
    expect(new Set([...b.orphans, ...c.orphans].map(({ callId: id }) => id)).size).toBe(21);
    expect(new Set(b.orphans.map(({ tenure }) => tenure))).toEqual(new Set([2]));
  });
});

describe('what is in redis', () => {
  it('a call of which it lost everything is whole again with its next page', async () => {
    await rig.start();
    const [a, b] = [await rig.open('a'), await rig.open('b')];
    await a.book.save(aPage('x', { seqs: [1], state: '"1"' }));
    await rig.server.look((redis) =>
      redis.del(
        'switchhook:{call_x}:page',
        'switchhook:{call_x}:unsettled',
        `switchhook:engine:{engine_a}:calls`,
      ),
    );
    expect(await a.book.save(aPage('x', { seqs: [2], state: '"2"' }))).toBe('written');
    expect(await inherit(a, b, 1)).toEqual([{ state: '"2"', seqs: [1, 2] }]);
  });

  it('calls of this engine that are over, of which a restored Redis still knows, are forgotten again', async () => {
    await rig.start('--appendonly', 'yes', '--appendfsync', 'always');
    const [a, b] = [await rig.open('a'), await rig.open('b')];
    await a.book.save(aPage('live'));
    await a.book.save(aPage('over', { seqs: [1] }));
    const [page, unsettled] = ['switchhook:{call_over}:page', 'switchhook:{call_over}:unsettled'];
    const backup = await rig.server.look((redis) =>
      Promise.all([redis.hgetall(page), redis.hgetall(unsettled)]),
    );
    a.book.settled(callId('over'), anEvent(1, 'over').id);
    await a.book.save(aPage('over', { state: null }));
    const there = () => rig.server.look((redis) => redis.exists(page, unsettled));
    await eventually(there).toBe(0);
    await rig.server.look(async (redis) => {
      await redis.hset(page, backup[0]);
      await redis.hset(unsettled, backup[1]);
      await redis.sadd('switchhook:engine:{engine_a}:calls', 'call_over');
    });
    expect(await there()).toBe(2);
    await rig.server.kill();
    await rig.server.restart();
    await eventually(there).toBe(0);
    await inherit(a, b, 1);
    expect(b.orphans[0]?.callId).toBe('call_live');
  });

  it('nothing is left of calls and engines that are gone, but for a day who had a call that changed hands', async () => {
    await rig.start();
    const [a, b] = [await rig.open('a'), await rig.open('b')];
    await Promise.all([a.book.save(aPage('x', { seqs: [1] })), a.book.save(aPage('y', { seqs: [1] }))]);
    a.book.settled(callId('x'), anEvent(1, 'x').id);
    await a.book.save(aPage('x', { state: null }));
    await inherit(a, b, 1);
    b.book.settled(callId('y'), anEvent(1, 'y').id);
    await b.book.save(aPage('y', { tenure: 2, state: null }));
    const keys = () => rig.server.look(async (redis) => (await redis.keys('*')).sort());
    await eventually(keys).toEqual([
      'switchhook:engine:{engine_b}:lease',
      'switchhook:engines',
      'switchhook:started',
      'switchhook:{call_y}:page',
    ]);
    expect(await rig.server.look((redis) => redis.pttl('switchhook:{call_y}:page'))).toBeGreaterThan(
      86_300_000,
    );
    await eventually(() => rig.server.look((redis) => redis.smembers('switchhook:engines'))).toEqual([
      'engine_b',
    ]);
  });
});
