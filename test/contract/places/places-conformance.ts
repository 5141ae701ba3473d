import { expect, it, describe, afterEach } from 'vitest';
import type { TrunkLimits } from '../../../src/domain/settings.js';
import type { Admitted, Places, Refused, Wanted } from '../../../src/ports/places.js';

export const NONE: TrunkLimits = { concurrent: null, perMinute: null, perTargetPerMinute: null };

/** Trunk `carrier` with the limits of a test, trunk `other` without any; a queue `round`. */
export const trunksWith = (
  limits: Partial<TrunkLimits>,
): ReadonlyMap<string, { readonly limits: TrunkLimits }> =>
  new Map([
    ['carrier', { limits: { ...NONE, ...limits } }],
    ['other', { limits: NONE }],
  ]);

export interface PlacesBench {
  readonly places: Places;
  /** Calls per trunk, as the metrics were last told. */
  readonly inUse: ReadonlyMap<string, number>;
  /** Lets what was counted become older by as much. */
  readonly age: (ms: number) => Promise<void>;
  /** What is known without asking is up to date. */
  readonly known: () => Promise<void>;
  readonly close: () => Promise<void>;
}

export function refused(admitted: Admitted): Refused {
  if (admitted.ok) throw new Error('there was a place');
  return admitted;
}

export function held(admitted: Admitted): () => void {
  if (!admitted.ok) throw new Error(`refused: ${admitted.why}`);
  return admitted.release;
}

const limitOf = (text: string, key: keyof TrunkLimits): string =>
  `trunk carrier has reached its limit of ${text}; see trunks.carrier.limits.${key}`;

/** What every adapter of the port promises. */
export function placesConformance(
  name: string,
  open: (limits: Partial<TrunkLimits>) => Promise<PlacesBench>,
): void {
  let bench: PlacesBench | undefined;
  afterEach(async () => {
    await bench?.close();
    bench = undefined;
  });
  const begin = async (limits: Partial<TrunkLimits>): Promise<PlacesBench> => (bench = await open(limits));
  const take = async (wanted: Wanted): Promise<Admitted> => bench!.places.take(wanted);

  describe(`places, ${name}`, () => {
    it('gives back what was taken, once', async () => {
      const { inUse } = await begin({ concurrent: 2 });
      expect(inUse.get('carrier')).toBe(0);
      const first = held(await take(['carrier', 'a']));
      held(await take(['carrier', 'a']));
      const full = refused(await take(['carrier', 'b']));
      expect(full.why).toBe(limitOf('2 at a time', 'concurrent'));
      expect(full.retryAfterMs).toBeGreaterThan(0);
      expect(inUse.get('carrier')).toBe(2);
      for (let n = 0; n < 3; n += 1) first();
      expect(inUse.get('carrier')).toBe(1);
      held(await take(['carrier', 'b']));
      refused(await take(['carrier', 'b']));
    });

    it('many at once get what there is', async () => {
      await begin({ concurrent: 10 });
      const all = await Promise.all(Array.from({ length: 200 }, () => take(['carrier', 'a'])));
      expect(all.filter(({ ok }) => ok)).toHaveLength(10);
    });

    it('a refused one takes no place and counts for no rate', async () => {
      await begin({ concurrent: 1, perMinute: 2 });
      const first = held(await take(['carrier', 'a']));
      for (let n = 0; n < 5; n += 1) refused(await take(['carrier', 'a']));
      first();
      held(await take(['carrier', 'a']));
    });

    it.each(['concurrent', 'perMinute', 'perTargetPerMinute'] as const)(
      '%s: 0 shuts the trunk',
      async (key) => {
        await begin({ [key]: 0 });
        expect(refused(await take(['carrier', 'a'])).retryAfterMs).toBeGreaterThan(0);
      },
    );

    it('counts the requests of the last 60 s, also of calls that are over', async () => {
      const { age } = await begin({ perMinute: 2 });
      held(await take(['carrier', 'a']))();
      await age(20_000);
      held(await take(['carrier', 'b']))();
      const full = refused(await take(['carrier', 'c']));
      expect(full.why).toBe(limitOf('2 a minute', 'perMinute'));
      expect(full.retryAfterMs).toBeGreaterThan(38_000);
      expect(full.retryAfterMs).toBeLessThanOrEqual(40_000);
      await age(38_000);
      expect(refused(await take(['carrier', 'c'])).retryAfterMs).toBeLessThanOrEqual(2_000);
      await age(2_000);
      held(await take(['carrier', 'c']));
      refused(await take(['carrier', 'c']));
    });

    it('counts each target for itself', async () => {
      const { age } = await begin({ perTargetPerMinute: 1 });
      held(await take(['carrier', 'a']))();
      await age(10_000);
      held(await take(['carrier', 'b']))();
      const full = refused(await take(['carrier', 'a']));
      expect(full.why).toBe(limitOf('1 a minute to one target', 'perTargetPerMinute'));
      expect(full.retryAfterMs).toBeGreaterThan(48_000);
      expect(full.retryAfterMs).toBeLessThanOrEqual(50_000);
      await age(50_000);
      held(await take(['carrier', 'a']));
      refused(await take(['carrier', 'b']));
    });

    it('no trunk, an unknown one and one without limits admit everything, and at once', async () => {
      const { places, inUse } = await begin({ concurrent: 0 });
      for (const trunk of [null, 'nobody', 'other']) {
        for (let n = 0; n < 50; n += 1) {
          const admitted = places.take([trunk, 'a']);
          if (admitted instanceof Promise) throw new Error('somebody was asked');
          held(admitted)();
        }
      }
      expect(inUse.get('other')).toBe(0);
    });

    it('takes again what goes on, though it is one too many, and no rate counts it', async () => {
      const { places, inUse, known } = await begin({ concurrent: 1, perMinute: 2 });
      const first = places.retake('carrier');
      const second = places.retake('carrier');
      expect(inUse.get('carrier')).toBe(2);
      await known();
      expect(refused(await take(['carrier', 'a'])).why).toBe(limitOf('1 at a time', 'concurrent'));
      first();
      refused(await take(['carrier', 'a']));
      second();
      held(await take(['carrier', 'a']))();
      held(await take(['carrier', 'a']));
      expect(() => places.retake(null)()).not.toThrow();
    });

    it('a look finds a place when one of the requests has one, and takes none', async () => {
      const { places, inUse, known } = await begin({ concurrent: 1 });
      await known();
      for (let n = 0; n < 3; n += 1) expect(places.refusal([['carrier', 'a']])).toBeNull();
      held(await take(['carrier', 'a']));
      await known();
      expect(places.refusal([['carrier', 'a']])?.why).toBe(limitOf('1 at a time', 'concurrent'));
      for (const other of [['other', 'a'] as const, [null, 'a'] as const])
        expect(places.refusal([['carrier', 'a'], other])).toBeNull();
      expect(inUse.get('carrier')).toBe(1);
    });

    it('a look says how long until the first of them has a place', async () => {
      const { places, age } = await begin({ perTargetPerMinute: 1 });
      held(await take(['carrier', 'a']))();
      await age(20_000);
      held(await take(['carrier', 'b']))();
      for (const target of ['a', 'b']) refused(await take(['carrier', target]));
      const both = places.refusal([
        ['carrier', 'b'],
        ['carrier', 'a'],
      ]);
      expect(both?.retryAfterMs).toBeGreaterThan(38_000);
      expect(both?.retryAfterMs).toBeLessThanOrEqual(40_000);
    });

    it('gives out the turns of a queue in order, each once', async () => {
      const { places, known } = await begin({});
      const turns: number[] = [];
      for (let n = 0; n < 7; n += 1) {
        expect(places.nextTurn('round')).toBe(places.nextTurn('round'));
        const next = places.nextTurn('round');
        turns.push(places.takeTurn('round'));
        expect(turns.at(-1)).toBe(next);
        await known();
      }
      expect(turns).toEqual([0, 1, 2, 3, 4, 5, 6]);
    });
  });
}
