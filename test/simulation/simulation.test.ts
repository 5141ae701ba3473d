import { describe, expect, it } from 'vitest';
import { arrowsOf, drawnArrows, groups, namedArrows } from '../domain/drawing.js';
import { campaign, replayCommand } from './campaign.js';
import { campaignOnAllCores } from './campaign-parallel.js';

/** More: SIMULATION_SCHEDULES=1000000 SIMULATION_SEED=7 npx vitest run test/simulation/simulation.test.ts */
const COUNT = Number(process.env.SIMULATION_SCHEDULES ?? 100_000);
const SEED = Number(process.env.SIMULATION_SEED ?? 1);

describe('the call domain under every order of events', () => {
  let taken: readonly string[] = [];

  it(
    `keeps its promises in ${COUNT} schedules`,
    async () => {
      const { schedules, steps, perSecond, broken, arrows } = await campaignOnAllCores(SEED, COUNT);
      taken = arrows;
      console.log(`simulation: ${schedules} schedules, ${steps} steps, ${perSecond} schedules/s`);
      expect(broken && `${broken.promise}; replay it: ${replayCommand(broken.seed)}`).toBeNull();
      expect(schedules).toBe(COUNT);
    },
    Math.max(300_000, COUNT * 5),
  );

  it.skipIf(COUNT < 100_000)('takes every arrow of the drawing above TABLE, and no other', () => {
    expect(taken.filter((arrow) => !drawnArrows.includes(arrow))).toEqual([]);
    expect(namedArrows.filter((arrow) => !taken.includes(arrow))).toEqual([]);
  });

  // Which of them a rarely visited cell meets is chance; together they meet all.
  it.skipIf(COUNT < 100_000).each([...groups])('reaches every phase of %s', (name, phases) => {
    const reached = new Set(
      arrowsOf(name)
        .filter((arrow) => taken.includes(arrow))
        .map((a) => a.split(' -> ')[1]),
    );
    expect([...reached].sort()).toEqual([...phases].sort());
  });

  it('plays the same seed the same way', () => {
    expect(campaign(42, 50).steps).toBe(campaign(42, 50).steps);
  });
});
