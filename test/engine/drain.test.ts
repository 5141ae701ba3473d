import { beforeEach, expect, it } from 'vitest';
import { Crew, type CrewCall, type Member } from '../support/crew.js';

let crew: Crew;
let one: Member;
let two: Member;

beforeEach(async () => {
  crew = new Crew();
  [one, two] = [await crew.hire({ handOver: true }), await crew.hire({ handOver: true })];
});

/** SIGTERM, with no time to wait for live calls. */
async function stops(...members: readonly Member[]): Promise<void> {
  const drained = members.map(({ engine }) => engine.drain(0));
  await crew.pass(100);
  await Promise.all(drained);
  await Promise.all(members.map(({ engine }) => engine.leave()));
  await crew.pass(0);
}

const hungUp = ({ caller, bot }: CrewCall): boolean[] =>
  [caller, bot].map((leg) => leg.asked.includes('bye'));

it('a conversation is left to an engine that goes on with it', async () => {
  const call = await crew.talking(one);
  await stops(one);
  expect(hungUp(call)).toEqual([false, false]);
  expect(two.engine.calls()).toHaveLength(1);
});

it('two engines that stop at once leave nothing to each other: both hang up', async () => {
  const calls = [await crew.talking(one), await crew.talking(two)];
  await stops(one, two);
  expect(calls.map(hungUp)).toEqual([
    [true, true],
    [true, true],
  ]);
  expect([one, two].map(({ engine }) => engine.liveCalls())).toEqual([0, 0]);
});
