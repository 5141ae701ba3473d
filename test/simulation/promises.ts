import { flows, type Ground } from './ground.js';
import type { Party } from './party.js';
import { must } from './violation.js';

/** The invariants of DESIGN 3, looked at after every single step. */
export function keepsPromises(world: Ground): void {
  world.story.check();
  world.refers.check(world.story);
  checkLedger(world);
  if (world.done) return finish(world);
  checkLegs(world);
  checkUnanswered(world);
  if (pending(world)) return;
  checkUnderWay(world);
  checkWhoStays(world);
}

/** Timers of a transfer: none outlives it. */
const OF_TRANSFER = ['ring', 'retry', 'alone', 'referResponse', 'firstNotify', 'referTotal'] as const;

function checkLedger({ call, parties, timers, story, departing }: Ground): void {
  let legs = 0;
  for (const p of parties) if (!p.gone) legs += 1;
  must(call.legs.size === legs, 'the ledger of legs is the truth');
  must(call.timers.size === timers.length, 'the ledger of timers is the truth');
  for (const timer of timers) must(call.timers.has(timer), 'the ledger of timers is the truth');
  must(!story.ended || timers.length === 0, 'no timer outlives the call');
  if (timers.length === 0) return;
  must(departing || !timers.includes('depart'), 'only a caller who was handed over departs');
  const { underWay } = story;
  if (underWay === undefined)
    must(!OF_TRANSFER.some((t) => timers.includes(t)), 'no timer of a transfer outlives its verdict');
  else if (underWay.attempt === 'answered' || underWay.attempt === 'none')
    must(
      !OF_TRANSFER.some((t) => t !== 'alone' && t !== 'retry' && timers.includes(t)),
      'no timer of an attempt outlives it',
    );
}

function checkLegs(world: Ground): void {
  const { story, timers } = world;
  for (const p of world.parties) {
    if (p.gone || p.asked !== 'nothing') continue;
    must(!story.ended, `everybody is let go when the call ends (${p.id})`);
    if (!p.answered && !p.inbound)
      must(timers.includes('ring') || timers.includes('setup'), 'a leg that rings has a time limit');
    must(belongs(world, p), `no target is kept after its verdict (${p.id})`);
  }
}

/** A leg that is there for a reason. */
function belongs(world: Ground, p: Party): boolean {
  if (p.id === 'caller') return true;
  if (world.departing) return false;
  if (p.id === 'bot' || p === world.talking?.party || world.leaves(p)) return true;
  // The former caller, or an agent, who waits for the verdict.
  if (world.refers.owes(p)) return true;
  const { underWay } = world.story;
  if (underWay === undefined) return false;
  return underWay.attempt === 'answered'
    ? p === world.target
    : underWay.attempt !== 'none' && world.called.includes(p);
}

/** Its network plays it a ringing tone, but not for ever. */
function checkUnanswered({ caller, timers }: Ground): void {
  if (caller.answered || caller.gone || caller.asked !== 'nothing') return;
  must(
    timers.includes('setup') || timers.includes('ring') || timers.includes('retry'),
    'a caller that was not answered waits for something with a limit',
  );
}

/** A transfer on its way waits for something with a limit, or it would never have a verdict (invariant 1). */
function checkUnderWay({ story, timers }: Ground): void {
  const { underWay } = story;
  if (underWay === undefined || story.handedBack !== 'no') return;
  if (underWay.attempt === 'none') return must(timers.includes('retry'), 'a retry has its time');
  if (underWay.attempt === 'answered')
    return must(
      timers.includes('alone') || timers.some((t) => t.startsWith('glare:') || t.startsWith('ack:')),
      'a target that has answered is connected, or given up',
    );
  const { method } = underWay;
  const limit = method === 'refer' ? timers.includes('referTotal') : timers.includes('ring');
  must(limit, 'an attempt has a time limit');
}

/** True while something is on its way that the engine waits for. */
function pending({ parties }: Ground): boolean {
  for (const p of parties) {
    if (p.queue.length > 0) return true;
    if (p.reoffer !== null && p.asked === 'nothing') return true;
  }
  return false;
}

/** The heart of it: whoever is being transferred has somewhere to be (DESIGN 3, invariant 3). */
function checkWhoStays(world: Ground): void {
  const { caller, parties, timers } = world;
  for (const p of parties)
    if (p.own?.seen === true) must(false, `a re-INVITE of theirs is answered (${p.id})`);
  for (const p of parties)
    if (p.awaitsAck && p.live && caller.answered)
      must(
        parties.some((q) => q.live && world.waits(q)),
        `an answer with an offer is ACKed (${p.id})`,
      );
  const stays = here(caller) ? caller : world.story.underWay?.seat === 'caller' ? world.home : undefined;
  if (stays === undefined || !here(stays)) return;
  if (world.waits(stays)) return;
  const partner = stays.ours === null ? undefined : parties[stays.ours.party];
  if (
    partner !== undefined &&
    partner !== stays &&
    partner.live &&
    !world.leaves(partner) &&
    flows(stays, partner)
  )
    return;
  if (partner !== undefined && rings(partner) && timers.includes('ring')) return;
  for (const p of parties) if (p.live && world.waits(p)) return;
  must(timers.includes('alone') || timers.includes('depart'), 'the caller is never left in silence');
}

/** Its own ringing tone, or whatever it plays to those who wait, can be heard. */
const rings = (p: Party): boolean => p.early && p.phase === 'trying' && p.asked === 'nothing' && !p.gone;

const here = (p: Party): boolean => p.answered && p.asked === 'nothing' && !p.gone && p.phase === 'up';

function finish(world: Ground): void {
  world.story.finish();
  must(world.call.state.phase === 'ended', 'done is the end');
  for (const p of world.parties)
    must(p.phase === 'over' && p.queue.length === 0, `every leg is closed (${p.id})`);
  must(world.timers.length === 0, 'no timer is left');
}
