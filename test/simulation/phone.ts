import type { Refusal } from '../../src/domain/outcome.js';
import { BOTH, BROKEN, SEND, readBody, type Shown } from './bodies.js';
import type { Party } from './party.js';
import type { Prng } from './prng.js';
import { askSomething } from './requests.js';
import { speakOfReferral } from './referral-talk.js';
import type { World } from './world.js';

const CODES = [486, 603, 480, 404, 487, 503, 500, 488, 408, 302, 401, 415, 600, 491, 606, 481, 403, 699];
const CAUSES = [null, null, null, 16, 17, 18, 21, 31, 34];
const REOFFER_FAILURES = [491, 491, 491, 488, 488, 500, 481, 408];
const BYE_ANSWERS = [200, 200, 200, 481, 500, null];

/** Whatever a phone may do in the state it is in. */
export function partyActs(world: World, rng: Prng, p: Party): boolean {
  if (p.phase === 'over') return false;
  if (p.asked !== 'nothing' && rng.percent(50)) return obey(p, rng);
  if (p.phase === 'trying') return p.inbound ? giveUpCalling(p, rng) : respond(rng, p);
  return converse(world, rng, p);
}

function giveUpCalling(p: Party, rng: Prng): boolean {
  if (!rng.percent(2)) return false;
  p.hangUp(null);
  return true;
}

/** What the far end says to our INVITE. */
function respond(rng: Prng, p: Party): boolean {
  const r = rng.below(100);
  const bot = p.id === 'bot';
  if (r < 25) {
    const bad = p.anchored || !rng.percent(10) ? null : rng.pick(BROKEN);
    const body = rng.percent(40) ? p.body(BOTH, p.streams, true) : bad;
    p.progress(rng.pick([180, 183, 181, 100]), body);
  } else if (r < (bot ? 94 : 72)) answerWell(rng, p);
  else if (r < (bot ? 95 : 80)) p.answerBadly(p.anchored || rng.percent(40) ? null : rng.pick(BROKEN));
  else if (r < (bot ? 98 : 96)) p.refuse(refusal(rng));
  else if (r < 98) p.refuse(KEPT_BACK);
  else if (rng.percent(40)) p.close(null);
  else return false;
  return true;
}

/** The offer in our INVITE, read back from what was sent; `null` for an INVITE without one. */
function dialledBody(p: Party): Shown | null {
  const read = p.current === null ? null : readBody(p.current);
  return typeof read === 'string' ? null : read;
}

export function answerWell(rng: Prng, p: Party, dialled = dialledBody(p)): void {
  if (rng.percent(4)) p.wish = rng.pick([SEND, 0]);
  p.likesVideo = rng.percent(15);
  p.answer(dialled);
}

/** The INVITE was never sent: its trunk is full. */
const KEPT_BACK: Refusal = { code: 503, reason: 'full', q850: null, retryAfterMs: null, by: 'policy' };

const refusal = (rng: Prng): Refusal => ({
  code: rng.pick(CODES),
  reason: 'no',
  q850: rng.pick(CAUSES),
  retryAfterMs: null,
  by: rng.percent(15) ? 'local' : 'far_end',
});

/** Somebody in a conversation. */
function converse(world: World, rng: Prng, p: Party): boolean {
  if (p.owesAck !== null) {
    const r = rng.below(100);
    if (r < 70) p.ack(rng.percent(15));
    else if (r < 85) p.ackBadly(p.anchored || rng.percent(50) ? null : rng.pick(BROKEN));
    else if (r < 90) p.hangUp(16);
    return true;
  }
  if (p.referrals.length > 0 && rng.percent(25)) return speakOfReferral(world, rng, p);
  if (rng.percent(world.wishes)) return askSomething(world, rng, p);
  const r = rng.below(100);
  if (p.reoffer !== null && r < 60) return answerReoffer(rng, p);
  if (r < world.unrest)
    return p.mayOffer() && (p.reoffer === null || rng.percent(40)) && ownOffer(world, rng, p);
  if (
    r > (p.id.startsWith('agent') ? 94 : 97) &&
    rng.percent(p.id === 'caller' ? world.temper / 3 : world.temper)
  ) {
    p.hangUp(rng.pick(CAUSES));
    return true;
  }
  return false;
}

function answerReoffer(rng: Prng, p: Party): boolean {
  const r = rng.below(100);
  // A phone with an offer of its own on the way may not take ours (RFC 3261 14.2).
  if (p.own !== null) p.refuseReoffer(r < 90 ? 491 : 500);
  else if (r < 62) p.acceptReoffer(false);
  else if (r < 74) p.acceptReoffer(true);
  else if (r < 77) p.acceptReofferBadly(rng.percent(50) ? null : rng.pick(BROKEN));
  else p.refuseReoffer(rng.pick(REOFFER_FAILURES));
  return true;
}

function ownOffer(world: World, rng: Prng, p: Party): boolean {
  const id = world.nextOfferId();
  const r = rng.below(100);
  if (r < 20) p.offer(id, { wish: rng.pick([SEND, 0]) });
  else if (r < 45) p.offer(id, { wish: BOTH });
  else if (r < 65) p.offer(id, { moved: true });
  else if (r < 70) p.offer(id, { moved: true, wish: rng.pick([0, BOTH]) });
  else if (r < 80) p.refresh(id);
  else if (r < 84) p.offer(id, { video: true });
  else p.offerless(id);
  return true;
}

/** Our CANCEL, BYE or rejection takes effect; or our own deadline says so, or the far end's own word crosses it. */
export function obey(p: Party, rng: Prng): boolean {
  const r = rng.below(100);
  if (p.asked !== 'cancel') {
    if (r < 80) p.close(rng.pick(BYE_ANSWERS));
    else p.hangUp(rng.pick(CAUSES));
    return true;
  }
  if (p.phase === 'up') return false;
  if (r < 55)
    p.refuse({ code: 487, reason: 'Request Terminated', q850: null, retryAfterMs: null, by: 'far_end' });
  else if (r < 65) p.refuse({ code: 487, reason: '', q850: null, retryAfterMs: null, by: 'local' });
  else if (r < 70) p.refuse(refusal(rng));
  else if (r < 95) answerWell(rng, p);
  else p.answerBadly(p.anchored || rng.percent(50) ? null : rng.pick(BROKEN));
  return true;
}
