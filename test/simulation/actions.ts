import { deskActs } from './desk-acts.js';
import { obey, partyActs } from './phone.js';
import type { Party } from './party.js';
import { randomPlan, refusedPlan } from './plans.js';
import type { Prng } from './prng.js';
import { scriptActs } from './script-talk.js';
import { MAX_PARTIES, type World } from './world.js';

/** One thing somebody does, picked by the generator; false when that one had nothing to do. */
export function actAtRandom(world: World, rng: Prng): boolean {
  if (rng.percent(70) && world.planDue()) return true;
  if (world.desk !== null && rng.percent(35)) return deskActs(world, rng);
  if (world.talk !== null && rng.percent(12)) return scriptActs(world, rng);
  const r = rng.below(100);
  if (r < 42) return deliverSome(world, rng);
  if (r < 86) return partyActs(world, rng, world.parties[rng.below(world.parties.length)] as Party);
  if (r < 92) return fireEarly(world, rng);
  if (r < 99) return userActs(world, rng);
  if (rng.percent(8)) {
    world.loseLink();
    return true;
  }
  return false;
}

export function deliverSome(world: World, rng: Prng): boolean {
  const { parties } = world;
  const start = rng.below(parties.length);
  for (let i = 0; i < parties.length; i += 1) {
    const p = parties[(start + i) % parties.length] as Party;
    if (p.queue.length === 0) continue;
    world.deliver(p);
    return true;
  }
  return false;
}

export function fireSome(world: World, rng: Prng): boolean {
  if (world.timers.length === 0) return false;
  world.fire(rng.pick(world.timers));
  return true;
}

const LONG: readonly string[] = [
  'setup',
  'ring',
  'alone',
  'depart',
  'referResponse',
  'firstNotify',
  'referTotal',
  'speak',
  'warm',
  'decision',
  'noInput',
  'digits',
];

/** Long timers seldom fire in the middle of things, or no schedule would get far. */
function fireEarly(world: World, rng: Prng): boolean {
  if (world.timers.length === 0) return false;
  const timer = rng.pick(world.timers);
  if (
    (LONG.includes(timer) || timer.startsWith('brief:')) &&
    !rng.percent(timer === 'setup' ? 3 : world.haste)
  )
    return false;
  world.fire(timer);
  return true;
}

function userActs(world: World, rng: Prng): boolean {
  const r = rng.below(100);
  if (r < 83) {
    if (world.parties.length >= MAX_PARTIES - 12) return false;
    if (!world.acceptsTransfer()) return false;
    world.command(randomPlan(rng, world.nextPlanId(), world.call.setup.media));
  } else if (r < 86) world.forbid(refusedPlan(world.nextPlanId()));
  else if (r < 94) world.cancel();
  else if (r < 98) world.bringBack();
  else if (!world.story.ended) world.order(rng.pick(['api', 'bot', 'engine'] as const));
  return true;
}

/** Pays one debt of a far end, as a well-behaved one would; false when nobody owes anything. */
export function payOne(world: World, rng: Prng): boolean {
  for (const p of world.parties) {
    if (p.phase === 'over') continue;
    if (p.asked !== 'nothing') {
      if (p.asked === 'cancel' && p.phase === 'up') continue;
      return obey(p, rng);
    }
    if (p.reoffer !== null) {
      if (p.own !== null) p.refuseReoffer(491);
      else p.acceptReoffer(false);
      return true;
    }
    if (p.owesAck !== null) {
      p.ack(false);
      return true;
    }
  }
  return false;
}
