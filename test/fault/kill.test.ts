import { afterEach, describe, expect, it } from 'vitest';
import { Prng } from '../simulation/prng.js';
import { sleep, until } from '../support/poll.js';
import { Callers } from './kill-callers.js';
import { KillWorld } from './kill-world.js';

/** The whole of it takes minutes: `SWITCHHOOK_KILLS=200 SWITCHHOOK_KILL_TRANSFERS=1000`, see docs/development.md. */
const KILLS = Number(process.env['SWITCHHOOK_KILLS'] ?? 10);
const TRANSFERS = Number(process.env['SWITCHHOOK_KILL_TRANSFERS'] ?? 100);
const ENGINES = KILLS > 20 ? 4 : 2;
const AT_ONCE = 20;
const SEED = Number(process.env['SWITCHHOOK_SEED'] ?? 1);

describe('engines are killed at any moment', () => {
  const open: (() => Promise<unknown>)[] = [];
  afterEach(async () => {
    for (const close of open.splice(0).reverse()) await close();
  });

  it(
    `${KILLS} times during ${TRANSFERS} transfers: each has one verdict`,
    { timeout: 1_800_000 },
    async () => {
      const prng = new Prng(SEED);
      const random = (): number => prng.below(1_000_000) / 1_000_000;
      const world = await KillWorld.open(ENGINES);
      open.push(() => world.close());
      const callers = await Callers.open(world, random);
      open.push(() => callers.close());

      const { ledger, kills } = world;
      const enough = (): boolean => kills.length >= KILLS && callers.accepted.size >= TRANSFERS;
      const calling = callers.run(enough, AT_ONCE);
      while (kills.length < KILLS) {
        await sleep(100 + random() * 900);
        await world.kill(random);
      }
      await calling;
      await world.quiet();
      const unaccounted = (): readonly string[] =>
        ledger.unaccounted(new Set([...callers.accepted, ...ledger.known]));
      await until(
        () => unaccounted().length === 0,
        () => unaccounted().join('; '),
        60_000,
      );

      const report = { kills: kills.length, accepted: callers.accepted.size, repeated: ledger.repeated };
      console.log(JSON.stringify({ ...report, known: ledger.known.length, verdicts: ledger.outcomes }));
      expect(callers.problems).toEqual([]);
      expect(unaccounted()).toEqual([]);
      expect(ledger.endless).toEqual([]);
      expect(callers.open).toBe(0);
      expect(world.openDialogs).toEqual([]);
    },
  );
});
