import { afterEach, describe, expect, it } from 'vitest';
import { eventId } from '../../../src/domain/ids.js';
import type { DeadLetter, DeadLetters } from '../../../src/ports/dead-letters.js';
import type { EndpointSwitches } from '../../../src/ports/endpoint-switches.js';
import { aLetter } from '../../support/letters.js';

interface Kept {
  readonly letters: DeadLetters;
  readonly switches: EndpointSwitches;
  readonly logged: readonly string[];
  stop(): Promise<void>;
}

/** As a promise, for places that let go at once. */
export const stopping =
  ({ stop }: { readonly stop: () => void }) =>
  (): Promise<void> => {
    stop();
    return Promise.resolve();
  };

/** What every place for dead letters and switches does. `make` gives an empty one that keeps `limit` letters. */
export function deadLettersConformance(name: string, make: (limit?: number) => Promise<Kept>): void {
  let kept: Kept;
  const begin = async (limit?: number): Promise<DeadLetters> => {
    kept = await make(limit);
    return kept.letters;
  };
  afterEach(() => kept.stop());
  const seqs = (items: readonly DeadLetter[]): number[] => items.map(({ event }) => event.seq);

  describe(`dead letters (${name})`, () => {
    it('are given back as they came', async () => {
      const letters = await begin();
      const unsent = aLetter(2, 'line', { lastAnswer: null, firstTriedAt: null, lastTriedAt: null });
      await letters.put(aLetter(1));
      await letters.put(unsent);
      expect(await letters.get(eventId('1-1'))).toEqual(aLetter(1));
      expect(await letters.get(eventId('1-2'))).toEqual(unsent);
      expect(await letters.get(eventId('1-3'))).toBeUndefined();
    });

    it('are listed page by page, oldest first, of all channels or of one', async () => {
      const letters = await begin();
      for (let n = 1; n <= 9; n += 1) await letters.put(aLetter(n, n % 3 === 0 ? 'other' : 'line'));
      const first = await letters.list({ limit: 4 });
      expect(seqs(first.items)).toEqual([1, 2, 3, 4]);
      const second = await letters.list({ limit: 5, after: first.nextCursor! });
      expect(seqs(second.items)).toEqual([5, 6, 7, 8, 9]);
      expect(second.nextCursor).toBeNull();
      const others = await letters.list({ channel: 'other', limit: 2 });
      expect(seqs(others.items)).toEqual([3, 6]);
      const rest = await letters.list({ channel: 'other', limit: 2, after: others.nextCursor! });
      expect([seqs(rest.items), rest.nextCursor]).toEqual([[9], null]);
      expect(await letters.list({ channel: 'nobody', limit: 5 })).toEqual({ items: [], nextCursor: null });
      expect(seqs((await letters.list({ limit: 2, after: 'whatever' })).items)).toEqual([1, 2]);
    });

    it('keep their place when they die again, and a cursor does while letters come and go', async () => {
      const letters = await begin();
      for (let n = 1; n <= 4; n += 1) await letters.put(aLetter(n));
      const { nextCursor } = await letters.list({ limit: 2 });
      await letters.put(aLetter(1, 'line', { attempts: 9, diedAt: '2026-01-02T00:00:00.000Z' }));
      await letters.remove(eventId('1-2'));
      await letters.remove(eventId('1-3'));
      await letters.put(aLetter(5));
      expect(seqs((await letters.list({ limit: 9, after: nextCursor! })).items)).toEqual([4, 5]);
      const all = await letters.list({ limit: 9 });
      expect(seqs(all.items)).toEqual([1, 4, 5]);
      expect(all.items[0]?.attempts).toBe(9);
    });

    it('are counted, and removed once', async () => {
      const letters = await begin();
      for (const n of [1, 2, 3]) await letters.put(aLetter(n, n === 2 ? 'other' : 'line'));
      await letters.put(aLetter(3));
      expect([await letters.count(), await letters.count('line'), await letters.count('no')]).toEqual([
        3, 2, 0,
      ]);
      expect(await letters.remove(eventId('1-1'))).toBe(true);
      expect(await letters.remove(eventId('1-1'))).toBe(false);
      expect([await letters.count(), await letters.count('line')]).toEqual([2, 1]);
    });

    it('beyond the limit the oldest is forgotten, by name', async () => {
      const letters = await begin(3);
      for (let n = 1; n <= 5; n += 1) await letters.put(aLetter(n, n % 2 === 0 ? 'other' : 'line'));
      expect(seqs((await letters.list({ limit: 9 })).items)).toEqual([3, 4, 5]);
      expect([await letters.count('line'), await letters.count('other')]).toEqual([2, 1]);
      expect(kept.logged.map((line) => /evt_1-\d/.exec(line)?.[0])).toEqual(['evt_1-1', 'evt_1-2']);
    });
  });

  describe(`switches of endpoints (${name})`, () => {
    const [a, b, c] = ['http://u:secret@a.test/x', 'http://b.test/', 'http://c.test/'] as const;
    const off = { since: '2026-01-01T00:00:00.000Z', why: 'it answered 410 to evt_1' };

    it('are on until turned off, and stay off for the first reason', async () => {
      await begin();
      const { switches } = kept;
      expect(await switches.off([a, b, c])).toEqual(new Map());
      await switches.turnOff(a, off);
      await switches.turnOff(b, off);
      await switches.turnOff(a, { ...off, why: 'again' });
      expect(await switches.off([a, c])).toEqual(new Map([[a, off]]));
      await switches.turnOn(a);
      await switches.turnOn(c);
      expect(await switches.off([a, b, c])).toEqual(new Map([[b, off]]));
    });
  });
}
