import { describe, expect, it } from 'vitest';
import { campaign, replayCommand } from './campaign.js';

/** More: SIMULATION_SCHEDULES=1000000 SIMULATION_SEED=7 npx vitest run test/simulation/simulation.test.ts */
const COUNT = Number(process.env.SIMULATION_SCHEDULES ?? 100_000);
const SEED = Number(process.env.SIMULATION_SEED ?? 1);

describe('the call domain under every order of events', () => {
  it(
    `keeps its promises in ${COUNT} schedules`,
    () => {
      const report = campaign(SEED, COUNT);
      const { schedules, steps, perSecond, broken } = report;
      console.log(`simulation: ${schedules} schedules, ${steps} steps, ${perSecond} schedules/s`);
      const failure = broken && `${broken.promise}; replay it: ${replayCommand(broken.seed)}`;
      expect(failure).toBeNull();
      expect(schedules).toBe(COUNT);
    },
    Math.max(300_000, COUNT * 3),
  );

  it('plays the same seed the same way', () => {
    expect(campaign(42, 50).steps).toBe(campaign(42, 50).steps);
  });
});
