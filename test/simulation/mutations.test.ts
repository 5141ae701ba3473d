import { describe, expect, it } from 'vitest';
import { BREAKAGES } from './breakages.js';
import { campaign } from './campaign.js';

/** Schedules a breakage may survive; the real domain is given a hundred thousand. */
const SEEDS = 6000;

describe('the simulation notices what is broken on purpose', () => {
  it('has enough of it, each of its own name', () => {
    expect(BREAKAGES.length).toBeGreaterThanOrEqual(80);
    expect(new Set(BREAKAGES.map((b) => b.name)).size).toBe(BREAKAGES.length);
  });

  it.each(BREAKAGES)('$name: $what', ({ engine }) => {
    const { broken } = campaign(1, SEEDS, engine);
    expect(broken, 'it survived').not.toBeNull();
  });
});
