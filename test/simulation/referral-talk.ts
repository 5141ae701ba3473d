import type { Party, Referral } from './party.js';
import type { Prng } from './prng.js';
import type { World } from './world.js';

/** Refusals of the method, of the target, of us. */
const REFUSALS = [405, 501, 603, 403, 420, 489, 404, 486, 503, 481, 401, 500];
const FAILURES = [486, 603, 404, 503, 480, 500, 487, 408];

/** The caller's network speaks of a REFER of ours: in whatever order, too late, twice, or not at all. */
export function speakOfReferral(world: World, rng: Prng, p: Party): boolean {
  const referral = rng.percent(85) ? p.referrals.at(-1) : rng.pick(p.referrals);
  if (referral === undefined) return false;
  if (!referral.answered) return answer(rng, p, referral);
  if (referral.over) return rng.percent(10) && notify(rng, p, referral);
  return rng.percent(world.attempting('refer') === null ? 30 : 90) && notify(rng, p, referral);
}

function answer(rng: Prng, p: Party, referral: Referral): boolean {
  const r = rng.below(100);
  if (r < 60) p.answerRefer(referral, null);
  else if (r < 75)
    p.answerRefer(referral, {
      code: rng.pick(REFUSALS),
      reason: 'no',
      q850: null,
      retryAfterMs: null,
      by: 'far_end',
    });
  else if (r < 78)
    p.answerRefer(referral, {
      code: 408,
      reason: 'Request Timeout',
      q850: null,
      retryAfterMs: null,
      by: 'local',
    });
  // The NOTIFY may overtake the 202.
  else if (r < 88) return notify(rng, p, referral);
  else return false;
  return true;
}

function notify(rng: Prng, p: Party, referral: Referral): true {
  const r = rng.below(100);
  if (r < 22) p.notify(referral, 100, false);
  else if (r < 45) p.notify(referral, rng.pick([180, 183]), false);
  else if (r < 70) p.notify(referral, rng.pick([200, 200, 202]), rng.percent(90));
  else if (r < 87) p.notify(referral, rng.pick(FAILURES), rng.percent(90));
  else if (r < 93) p.notify(referral, rng.pick([null, 100, 180]), true);
  else p.notify(referral, null, false);
  return true;
}

/** A network that does what it was asked to; false when it owes nothing. */
export function settleReferral(world: World, rng: Prng): boolean {
  const { caller } = world;
  const referral = caller.referrals.at(-1);
  if (world.attempting('refer') === null || referral === undefined || referral.over || caller.phase !== 'up')
    return false;
  if (!referral.answered) caller.answerRefer(referral, null);
  else caller.notify(referral, rng.pick([200, 200, 486]), true);
  return true;
}
