import type { MediaDesk } from './desk.js';
import { flows, type Ground } from './ground.js';
import type { Party } from './party.js';
import { must } from './violation.js';

/** The invariants of DESIGN 3, looked at after every single step. */
export function keepsPromises(world: Ground): void {
  world.story.check();
  world.refers.check(world.story);
  if (!world.story.ended) world.talk?.check(world.timers.includes('decision'));
  checkLedger(world);
  if (world.done) return finish(world);
  checkLegs(world);
  checkUnanswered(world);
  if (pending(world)) return;
  checkUnderWay(world);
  checkWhoStays(world);
}

/** Timers of a transfer: none outlives it. */
const OF_TRANSFER: readonly string[] = [
  ...['ring', 'retry', 'alone', 'referResponse', 'firstNotify', 'referTotal', 'speak', 'warm'],
];

/** Those that belong to no attempt, or to one that has been answered. */
const BESIDE_ATTEMPTS: readonly string[] = ['alone', 'retry', 'speak', 'warm'];

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
  if (underWay === undefined) must(!timers.some(isOfTransfer), 'no timer of a transfer outlives its verdict');
  else if (underWay.attempt === 'answered' || underWay.attempt === 'none')
    must(
      !timers.some((t) => isOfTransfer(t) && !BESIDE_ATTEMPTS.includes(t)),
      'no timer of an attempt outlives it',
    );
}

const isOfTransfer = (timer: string): boolean => OF_TRANSFER.includes(timer) || timer.startsWith('brief:');

function checkLegs(world: Ground): void {
  const { story, timers } = world;
  for (const p of world.parties) {
    if (p.gone || p.asked !== 'nothing') continue;
    must(!story.ended, `everybody is let go when the call ends (${p.id})`);
    if (!p.answered && !p.inbound)
      must(timers.includes('ring') || timers.includes('setup'), 'a leg that rings has a time limit');
    must(belongs(world, p), `no target is kept after its verdict (${p.id})`);
    if (isBriefed(world, p))
      must(timers.includes(`brief:${p.id}`), 'an agent has a limit to make up its mind');
  }
}

/** It has answered an attempt that is still looking for somebody. */
function isBriefed({ story, called, desk }: Ground, p: Party): boolean {
  const attempt = story.underWay?.attempt;
  return (
    desk !== null && p.answered && (attempt === 'started' || attempt === 'ringing') && called.includes(p)
  );
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
    timers.some((t) => ['setup', 'ring', 'retry'].includes(t) || t.startsWith('brief:')),
    'a caller that was not answered waits for something with a limit',
  );
}

/** A transfer on its way waits for something with a limit, or it would never have a verdict (invariant 1). */
function checkUnderWay({ story, timers }: Ground): void {
  const { underWay } = story;
  if (underWay === undefined || story.handedBack !== 'no') return;
  if (underWay.attempt === 'none')
    return must(timers.includes('retry') || timers.includes('speak'), 'a retry, or a message, has its time');
  if (underWay.attempt === 'answered')
    return must(
      timers.includes('warm') ||
        timers.includes('alone') ||
        timers.some((t) => t.startsWith('glare:') || t.startsWith('ack:')),
      'a target that has answered is connected, or given up',
    );
  const { method } = underWay;
  const rung = timers.includes('ring') || timers.some((t) => t.startsWith('brief:'));
  const limit = method === 'refer' ? timers.includes('referTotal') : rung;
  must(limit, 'an attempt has a time limit');
}

/** True while something is on its way that the engine waits for. */
function pending({ parties, desk }: Ground): boolean {
  if (desk !== null && (desk.changes.length > 0 || desk.news.length > 0 || desk.dead.size > 0)) return true;
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
  if (world.desk !== null) return checkHearing(world, world.desk, stays);
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

/** The same where media is ours: somebody, a sound, or a bot that has a time to say something. */
function checkHearing(world: Ground, desk: MediaDesk, stays: Party): void {
  const { story, timers, parties, talk } = world;
  const isHeard = (p: Party): boolean => p.live || (rings(p) && timers.includes('ring'));
  if (desk.isServed(stays, isHeard)) return;
  // Whoever is introduced together hears the end together.
  if (timers.includes('warm') && parties.some((p) => desk.isSpokenTo(p))) return;
  if (timers.includes('alone') || timers.includes('depart')) return;
  if (talk !== null && story.open.length === 0) {
    const decides = timers.some((t) => t === 'decision' || t === 'noInput' || t === 'digits');
    return must(
      decides || world.hasPlan,
      'a caller alone with a script bot waits for something with a limit',
    );
  }
  must(
    parties.some((p) => p.live && timers.includes(`ack:${p.id}`)),
    'the caller is never left in silence',
  );
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
