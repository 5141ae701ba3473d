import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { callId } from '../../../src/domain/ids.js';
import type { Orphan } from '../../../src/ports/call-book.js';
import { anEvent } from '../../support/records.js';
import { aPage, named, type BookBench, type OpenBook } from './book-bench.js';

const names = (orphans: readonly Orphan[]): string[] => orphans.map(({ callId: id }) => id).sort();
const seqs = (orphan: Orphan | undefined): number[] | undefined => orphan?.unsettled.map(({ seq }) => seq);
const call = callId('x');

/** What every call book promises; run on each adapter. `make` gives a bench on which nothing was written. */
export function bookConformance(name: string, make: () => BookBench | Promise<BookBench>): void {
  describe(`${name}: call book conformance`, () => {
    let bench: BookBench;
    let a: OpenBook;
    let b: OpenBook;
    beforeEach(async () => {
      bench = await make();
      a = await bench.open('a');
      b = await bench.open('b');
    });
    afterEach(() => bench.close());

    /** Asked again until it holds, while time passes. */
    const soon = <T>(get: () => T) =>
      expect.poll(
        () => {
          bench.tick();
          return get();
        },
        { timeout: 15_000, interval: 10 },
      );

    /** The call as the next engine finds it. */
    const inherited = async (heir = b): Promise<Orphan | undefined> => {
      a.cut();
      await soon(() => heir.orphans.length).toBe(1);
      return heir.orphans[0];
    };

    describe('pages', () => {
      it('names who has a live call, and nobody for others', async () => {
        expect(await a.book.engineOf(call)).toBeNull();
        expect(await a.book.save(aPage('x'))).toBe('written');
        expect(await a.book.engineOf(call)).toBe(named('a'));
        expect(await b.book.engineOf(call)).toBe(named('a'));
        expect(await b.book.engineOf(callId('y'))).toBeNull();
        await a.book.save(aPage('x', { state: null }));
        expect(await b.book.engineOf(call)).toBeNull();
      });

      it('keeps the newest page, and the events of all in the order they were told', async () => {
        await a.book.save(aPage('x', { seqs: [1, 2], state: '1' }));
        void a.book.save(aPage('x', { seqs: [3], state: '2' }));
        void a.book.save(aPage('x', { state: '3' }));
        expect(await a.book.save(aPage('x', { seqs: [4, 5], state: '"ä\\u0000\n"' }))).toBe('written');
        const orphan = await inherited();
        expect(orphan).toEqual({
          callId: call,
          tenure: 2,
          from: named('a'),
          state: '"ä\\u0000\n"',
          unsettled: [1, 2, 3, 4, 5].map((n) => anEvent(n, 'x')),
        });
      });

      it('forgets settled events, in whatever order, and ignores what it does not know', async () => {
        await a.book.save(aPage('x', { seqs: [1, 2, 3, 4] }));
        for (const n of [3, 1, 99]) a.book.settled(call, anEvent(n, 'x').id);
        a.book.settled(callId('y'), anEvent(1, 'y').id);
        await a.book.save(aPage('x', { seqs: [5] }));
        a.book.settled(call, anEvent(5, 'x').id);
        await a.book.save(aPage('x'));
        expect(seqs(await inherited())).toEqual([2, 4]);
      });

      it('keeps events of a call that is over until they are settled', async () => {
        await a.book.save(aPage('x', { seqs: [1] }));
        await a.book.save(aPage('x', { seqs: [2], state: null }));
        a.book.settled(call, anEvent(1, 'x').id);
        await a.book.save(aPage('y'));
        await a.book.stop();
        await soon(() => names(b.orphans)).toEqual(['call_x', 'call_y']);
        const orphan = b.orphans.find(({ callId: id }) => id === call);
        expect(orphan).toMatchObject({ state: null, tenure: 2 });
        expect(seqs(orphan)).toEqual([2]);
      });

      it('forgets a call that is over and settled', async () => {
        await a.book.save(aPage('x', { seqs: [1] }));
        await a.book.save(aPage('x', { state: null }));
        a.book.settled(call, anEvent(1, 'x').id);
        await a.book.save(aPage('z', { state: null }));
        await a.book.save(aPage('y'));
        await a.book.stop();
        await soon(() => names(b.orphans)).toEqual(['call_y']);
      });
    });

    describe('whoever has the call', () => {
      it('is the one with the higher tenure; the other is told that it lost', async () => {
        await a.book.save(aPage('x', { seqs: [1], state: '"a"' }));
        expect(await b.book.save(aPage('x', { tenure: 2, state: '"b"' }))).toBe('written');
        expect(await a.book.save(aPage('x', { seqs: [2], state: '"late"' }))).toBe('lost');
        expect(a.lost).toEqual([call]);
        expect(await b.book.engineOf(call)).toBe(named('b'));
        b.cut();
        await soon(() => a.orphans.length).toBe(1);
        expect(a.orphans[0]).toMatchObject({ tenure: 3, state: '"b"', from: named('b') });
      });

      it('of two with the same tenure is the one that was first', async () => {
        await a.book.save(aPage('x'));
        expect(await b.book.save(aPage('x'))).toBe('lost');
        expect(await a.book.engineOf(call)).toBe(named('a'));
        expect(await a.book.save(aPage('x'))).toBe('written');
      });

      it('stays so after the call is over', async () => {
        await a.book.save(aPage('x', { seqs: [1] }));
        await inherited();
        b.book.settled(call, anEvent(1, 'x').id);
        expect(await b.book.save(aPage('x', { tenure: 2, state: null }))).toBe('written');
        a.mend();
        await soon(() => a.lost).toEqual([call]);
        expect(await a.book.save(aPage('x', { seqs: [2] }))).toBe('lost');
        expect(await b.book.engineOf(call)).toBeNull();
      });
    });

    describe('an engine that is not heard', () => {
      it('loses its calls, each to one other engine, all of them', async () => {
        const c = await bench.open('c');
        const all = Array.from({ length: 100 }, (_, i) => String(1000 + i));
        await Promise.all(all.map((n) => a.book.save(aPage(n, { seqs: [1] }))));
        await b.book.save(aPage('of b'));
        a.cut();
        await soon(() => b.orphans.length + c.orphans.length).toBe(100);
        expect(names([...b.orphans, ...c.orphans])).toEqual(all.map((n) => `call_${n}`));
        for (const { orphans } of [b, c]) expect(orphans.length).toBeGreaterThan(20);
        expect(await c.book.engineOf(callId('of b'))).toBe(named('b'));
        expect([a.lost, b.lost, c.lost]).toEqual([[], [], []]);
      });

      it('is no engine any more', async () => {
        expect([...(await b.book.engines())].sort()).toEqual([named('a'), named('b')]);
        await a.book.save(aPage('x'));
        await inherited();
        expect(await b.book.engines()).toEqual([named('b')]);
        await expect(a.book.engines()).rejects.toMatchObject({ code: 'store_unavailable' });
        await expect(a.book.engineOf(call)).rejects.toMatchObject({ code: 'store_unavailable' });
      });

      it('is told which calls it lost when it is heard again, and keeps those that are still its own', async () => {
        await a.book.save(aPage('x', { seqs: [1], state: '"a"' }));
        const waiting = (await inherited(), a.book.save(aPage('x', { seqs: [2], state: '"late"' })));
        const fresh = a.book.save(aPage('fresh', { seqs: [1] }));
        a.mend();
        expect(await waiting).toBe('lost');
        expect(await fresh).toBe('written');
        await soon(() => a.lost).toEqual([call]);
        expect(await b.book.engineOf(callId('fresh'))).toBe(named('a'));
        b.cut();
        await soon(() => a.orphans.length).toBe(1);
        expect(a.orphans[0]).toMatchObject({ tenure: 3, state: '"a"', from: named('b') });
        expect(seqs(a.orphans[0])).toEqual([1]);
      });

      it('that comes back in time loses nothing, and writes what waited', async () => {
        await a.book.save(aPage('x', { seqs: [1] }));
        a.cut();
        const waiting = a.book.save(aPage('x', { seqs: [2], state: '"newest"' }));
        a.book.settled(call, anEvent(1, 'x').id);
        a.mend();
        expect(await waiting).toBe('written');
        expect(a.lost).toEqual([]);
        expect(await b.book.engineOf(call)).toBe(named('a'));
        const orphan = await inherited();
        expect(orphan?.state).toBe('"newest"');
        expect(seqs(orphan)).toEqual([2]);
      });

      it('hands on what it had taken over itself', async () => {
        await a.book.save(aPage('x', { seqs: [1] }));
        await inherited();
        await b.book.save(aPage('x', { tenure: 2, seqs: [2] }));
        const c = await bench.open('c');
        b.cut();
        await soon(() => c.orphans.length).toBe(1);
        expect(c.orphans[0]).toMatchObject({ tenure: 3, from: named('b') });
        expect(seqs(c.orphans[0])).toEqual([1, 2]);
      });

      it('hands on what it had taken over and never written', async () => {
        await a.book.save(aPage('x', { seqs: [1] }));
        await inherited();
        b.book.settled(call, anEvent(1, 'x').id);
        await b.book.save(aPage('y'));
        b.cut();
        const c = await bench.open('c');
        await soon(() => c.orphans.length).toBe(2);
        expect(c.orphans.find(({ callId: id }) => id === call)).toMatchObject({
          tenure: 3,
          state: '{"of":"x"}',
        });
      });
    });

    describe('an engine that comes and goes', () => {
      it('finds calls of engines that were gone before it', async () => {
        await a.book.save(aPage('x'));
        await b.book.save(aPage('y'));
        a.cut();
        b.cut();
        const c = await bench.open('c');
        await soon(() => names(c.orphans)).toEqual(['call_x', 'call_y']);
      });

      it('leaves its calls to others at once, when it stops', async () => {
        void a.book.save(aPage('x', { seqs: [1] }));
        await a.book.stop();
        expect(await b.book.engines()).toEqual([named('b')]);
        await soon(() => names(b.orphans)).toEqual(['call_x']);
        expect(seqs(b.orphans[0])).toEqual([1]);
        await expect(a.book.save(aPage('x'))).rejects.toMatchObject({ code: 'store_unavailable' });
      });

      it('takes no orphans once it declines, and keeps its own', async () => {
        const c = await bench.open('c');
        b.book.decline();
        for (const n of ['1', '2', '3', '4']) await a.book.save(aPage(n));
        await b.book.save(aPage('own'));
        a.cut();
        await soon(() => c.orphans.length).toBe(4);
        expect(b.orphans).toEqual([]);
        expect(await b.book.save(aPage('own'))).toBe('written');
        expect([...(await c.book.engines())].sort()).toEqual([named('b'), named('c')]);
      });

      it('knows whether anybody would take what it leaves', async () => {
        expect(await a.book.hasHeirs()).toBe(true);
        a.book.decline();
        expect(await a.book.hasHeirs()).toBe(true);
        await soon(() => b.book.hasHeirs()).toBe(false);
        b.book.decline();
        await soon(() => a.book.hasHeirs()).toBe(false);
        await bench.open('c');
        expect([await a.book.hasHeirs(), await b.book.hasHeirs()]).toEqual([true, true]);
        a.cut();
        await expect(a.book.hasHeirs()).rejects.toMatchObject({ code: 'store_unavailable' });
      });
    });
  });
}
