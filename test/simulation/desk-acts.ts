import type { Party } from './party.js';
import type { Prng } from './prng.js';
import { REFUSED, type Change } from './desk.js';
import type { World } from './world.js';

const KEYS = ['1', '1', '5', '#', '*'];

/** One thing that happens at the media server, or at a keypad; false when there was nothing to happen. */
export function deskActs(world: World, rng: Prng): boolean {
  const { desk } = world;
  if (desk === null) return false;
  const r = rng.below(100);
  if (r < 35) return answerSomeChange(world, rng);
  if (r < 60) return finishSomething(world, rng) && (rng.percent(30) || tellPlayed(world));
  if (r < 72) return tellPlayed(world);
  if (r < 82) return tellFate(world, rng);
  if (r < 96) return pressSomething(world, rng);
  return rng.percent(world.frailty) && dies(world, rng);
}

/** What the media server owes is paid, by one that works. */
export function settleDesk(world: World, rng: Prng): boolean {
  const { desk } = world;
  if (desk === null) return false;
  const [change] = desk.changes;
  if (tellPlayed(world) || tellFate(world, rng)) return true;
  if (change !== undefined) {
    world.changed(change, 'done');
    return true;
  }
  const spoken = desk.listeners().find(([, { kind }]) => kind === 'message');
  if (spoken === undefined || !rng.percent(80)) return false;
  desk.finish(spoken[0], true);
  return true;
}

function answerSomeChange(world: World, rng: Prng): boolean {
  const { changes } = world.desk ?? { changes: [] };
  if (changes.length === 0) return false;
  const change = rng.pick<Change>(changes);
  const dead = change.parties.some((p) => world.desk?.dead.has(p) === true);
  const r = rng.below(100);
  if (dead) world.changed(change, r < 80 ? 'lost' : REFUSED);
  else world.changed(change, r < (change.conference === null ? 90 : 75) ? 'done' : r < 96 ? REFUSED : 'lost');
  return true;
}

function finishSomething(world: World, rng: Prng): boolean {
  const listeners = world.desk?.listeners() ?? [];
  if (listeners.length === 0) return false;
  const [party, { kind }] = rng.pick(listeners);
  // Music and ringback end only where they cannot be played.
  if (kind === 'message') world.desk?.finish(party, rng.percent(90));
  else if (rng.percent(10)) world.desk?.finish(party, false);
  else return false;
  return true;
}

function tellPlayed(world: World): boolean {
  const told = world.desk?.news.shift();
  if (told === undefined) return false;
  world.played(told);
  return true;
}

function tellFate(world: World, rng: Prng): boolean {
  const dead = [...(world.desk?.dead.keys() ?? [])];
  if (dead.length === 0) return false;
  world.tellFate(rng.pick(dead));
  return true;
}

function pressSomething(world: World, rng: Prng): boolean {
  const able = world.parties.filter((p) => p.phase === 'up' && p.answered && !p.gone);
  if (able.length === 0) return false;
  world.press(rng.pick(able), rng.pick(KEYS));
  return true;
}

function dies(world: World, rng: Prng): boolean {
  const able = world.parties.filter((p: Party) => !p.gone && p.phase !== 'over' && p.asked === 'nothing');
  if (able.length === 0) return false;
  const party = rng.pick(able);
  world.note('-- an endpoint dies', party.id);
  world.desk?.kill(party, rng.percent(75) ? 'reset' : 'lost');
  return true;
}
