import { actAtRandom, deliverSome, fireSome, payOne } from './actions.js';
import { crash } from './crash.js';
import type { CallSetup } from '../../src/domain/call.js';
import { BOTH, bodyOf, VIDEO_NONE, VIDEO_ON } from './bodies.js';
import { CONSENT } from './desk.js';
import { settleDesk } from './desk-acts.js';
import { answerWell } from './phone.js';
import { randomPlan, refusedPlan, SETUP } from './plans.js';
import { Prng } from './prng.js';
import { settleReferral } from './referral-talk.js';
import { scriptActs, SCRIPTS } from './script-talk.js';
import { must } from './violation.js';
import { REAL, World, type Beginning, type Engine } from './world.js';

/** Rounds in which a fair world must come to rest; far above what any schedule needs. */
const PATIENCE = 1500;

/** Plays one schedule to its end. Throws a Violation when the engine breaks a promise. */
export function play(
  seed: number,
  engine: Engine = REAL,
  log: string[] | null = null,
  /** How often the engine dies, in a thousand things that happen. */
  mortality = 0,
): World {
  const rng = new Prng(seed);
  const setup = rng.percent(50) ? SETUP : anchoredSetup(rng);
  const late = rng.percent(10);
  const sdp = late ? null : bodyOf(0, 0, BOTH, rng.percent(15) ? VIDEO_ON : VIDEO_NONE);
  const world = new World(engine, sdp, log, setup.script === null ? begin(rng, setup) : null, setup);
  world.unrest = setup.media === 'direct' ? rng.pick([3, 25, 68]) : 0;
  world.frailty = rng.pick([0, 10, 60]);
  world.wishes = rng.pick([2, 6, 20]);
  world.aPlan = (n) => (rng.percent(85) ? randomPlan(rng, n, setup.media) : refusedPlan(n));
  world.haste = rng.pick([6, 12, 40]);
  world.temper = rng.pick([15, 40, 100]);
  const ticks = 40 + rng.below(180);
  for (let i = 0; i < ticks && !world.done; i += 1) {
    if (mortality > 0 && rng.below(1000) < mortality) crash(world, rng);
    else actAtRandom(world, rng);
  }
  log?.push('-- from here on everybody behaves');
  windDown(world, rng);
  return world;
}

function begin(rng: Prng, { media }: CallSetup): Beginning {
  if (!rng.percent(20)) return null;
  return rng.percent(97) ? { plan: randomPlan(rng, 0, media) } : { refused: refusedPlan(0) };
}

/** A third of them with a bot that speaks by replies. */
const anchoredSetup = (rng: Prng): typeof SETUP => ({
  ...SETUP,
  media: 'anchored',
  script: rng.percent(33) ? rng.pick(SCRIPTS) : null,
  consent: rng.percent(20) ? CONSENT : null,
});

/** Every debt is paid, every timer fires, and in the end the caller hangs up: the call must be done. */
function windDown(world: World, rng: Prng): void {
  for (let i = 0; i < PATIENCE && !world.done; i += 1) {
    if (world.planDue() || deliverSome(world, rng) || payOne(world, rng) || settleDesk(world, rng)) continue;
    const short = world.timers.find((t) => t.startsWith('glare:') || t.startsWith('ack:'));
    if (short !== undefined) world.fire(short);
    else if (!settleAttempt(world, rng)) leave(world, rng);
  }
  must(world.done, 'the call ends when everybody has left');
}

/** Whoever still rings answers or does not; whatever still runs fires. */
function settleAttempt(world: World, rng: Prng): boolean {
  const ringing = world.parties.find((p) => !p.inbound && p.phase === 'trying' && p.asked === 'nothing');
  if (ringing !== undefined && rng.percent(60)) {
    if (rng.percent(70)) answerWell(rng, ringing);
    else ringing.refuse({ code: 486, reason: 'Busy Here', q850: 17, retryAfterMs: null, by: 'far_end' });
    return true;
  }
  if (rng.percent(60) && settleReferral(world, rng)) return true;
  if (rng.percent(60) && scriptActs(world, rng)) return true;
  return fireSome(world, rng);
}

/** The conversation has come to rest: somebody hangs up. */
function leave(world: World, rng: Prng): void {
  const { caller, talking } = world;
  if (talking?.party.phase === 'up' && rng.percent(50)) talking.party.hangUp(16);
  else if (caller.phase !== 'over') caller.hangUp(16);
  else must(false, 'a call without a caller ends');
}
