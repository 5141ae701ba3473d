import { BOTH, bodyOf, BROKEN, VIDEO_NONE } from './bodies.js';
import type { Party } from './party.js';
import { randomPlan, refusedPlan, simplePlan } from './plans.js';
import type { Prng } from './prng.js';
import { MAX_PARTIES, type World } from './world.js';

/** What a party may want beside talking: REFER, a BYE with instructions, INFO, Replaces. */
export function askSomething(world: World, rng: Prng, p: Party): boolean {
  // What it has said before comes first.
  if (p.queue.length > 0 || !p.answered || p.gone) return false;
  if (world.parties.length >= MAX_PARTIES - 10) return false;
  const r = p === world.talking?.party && rng.percent(50) ? 0 : rng.below(100);
  if (r < 40) refer(world, rng, p);
  else if (r < 55) {
    const n = world.nextPlanId();
    world.bring(p, simplePlan(rng, n, world.call.setup.media), rng.percent(70));
  } else if (r < 70) replace(world, rng, p);
  else if (r < 80) world.inform(p);
  else if (r < 90) sayGoodbye(world, rng, p);
  else return beTaken(world, rng, p);
  return true;
}

function refer(world: World, rng: Prng, p: Party): void {
  const n = world.nextPlanId();
  // Agents pass callers on to people.
  const plan =
    p === world.talking?.party && rng.percent(60)
      ? simplePlan(rng, n, world.call.setup.media)
      : randomPlan(rng, n, world.call.setup.media);
  if (rng.percent(90)) return world.refer(p, { kind: 'plan', plan });
  const refused = rng.percent(50) ? refusedPlan(n) : null;
  world.refer(p, { kind: 'refuse', code: 603, reason: 'Decline', refused });
}

function replace(world: World, rng: Prng, p: Party): void {
  const body = bodyOf(world.nextIndex, 0, BOTH, VIDEO_NONE);
  world.replace(p, rng.percent(65) ? body : p.anchored || rng.percent(80) ? null : rng.pick(BROKEN));
}

function sayGoodbye(world: World, rng: Prng, p: Party): void {
  if (p.own !== null) return;
  p.farewell = randomPlan(rng, world.nextPlanId(), world.call.setup.media);
  p.hangUp(16);
}

/** Phases in which a party can be the one an attended transfer elsewhere asks for. */
const TAKEN_FROM: readonly string[] = [
  'withBot',
  'dialling',
  'retryWait',
  'referring',
  'speaking',
  'introducing',
  'moving',
  'withTarget',
  'returning',
];

function beTaken(world: World, rng: Prng, p: Party): boolean {
  const busy = p.own !== null || p.reoffer !== null || p.reofferUnread || p.owesAck !== null;
  if (busy || p.asked !== 'nothing' || !rng.percent(30)) return false;
  if (!TAKEN_FROM.includes(world.call.state.phase)) return false;
  if (p !== world.caller && p !== world.home && p !== world.target) return false;
  world.take(p);
  return true;
}
