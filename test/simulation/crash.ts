import type { Call } from '../../src/domain/call.js';
import type { LegId } from '../../src/domain/ids.js';
import { NOTHING_TOLD } from '../../src/domain/call-memory.js';
import { decodeSnapshot, encodeSnapshot } from '../../src/engine/snapshot/codec.js';
import { isDeepStrictEqual } from 'node:util';
import type { Party } from './party.js';
import type { Prng } from './prng.js';
import { must } from './violation.js';
import type { World } from './world.js';

/**
 * The engine dies between two steps and another one takes the call over, from what was written down of it. What was on
 * its way to the engine is lost; dialogs that are up can be had, unless the SIP server has lost them too; INVITEs
 * without an answer are ended.
 */
export function crash(world: World, rng: Prng): void {
  const alive = new Set<LegId>();
  for (const party of world.parties) {
    if (party.gone) continue;
    if (outlives(party, rng)) alive.add(party.id);
    else bereave(world, party);
  }
  world.desk?.changes.splice(0);
  world.desk?.news.splice(0);
  world.takeOver(rewritten(world.call), alive);
}

/** The dialog is the next engine's; what its far end had said, or was asked, the old one took along. */
function outlives(party: Party, rng: Prng): boolean {
  const said = party.queue.splice(0);
  if (!party.answered || party.phase !== 'up' || party.dead || rng.percent(15)) return false;
  // A BYE that went through is not known to have.
  if (party.asked === 'bye' && rng.percent(50)) return false;
  // An ACK too late for the engine before has moved a far end whom nobody can tell where it is.
  if (said.some(({ type }) => type === 'acked')) return false;
  if (party.own !== null && !party.own.seen) party.own = null;
  // The far end refuses an answer that comes twice, and hears one that never came by its own time.
  if (said.some(({ type }) => type === 'reofferAccepted' || type === 'reofferRefused'))
    party.reofferUnread = true;
  party.letGo ||= party.asked === 'bye';
  party.asked = 'nothing';
  return true;
}

function bereave(world: World, party: Party): void {
  party.queue.length = 0;
  party.phase = 'over';
  party.own = null;
  party.reoffer = null;
  if (party === world.caller && world.story.handedBack === 'asked') world.story.handedBack = 'lost';
  world.forget(party);
}

/** What another engine reads of it: all of it. */
function rewritten(call: Call): Call {
  const page = encodeSnapshot({
    ...{ call, channel: 'line', trunk: 'carrier', seq: 1, transfer: null, startedAt: 0, maxForwards: 70 },
    caller: { user: '1', display: null, dialled: '2', hidden: false },
    ...{ timers: [], legs: [], memory: NOTHING_TOLD },
    written: { account: null, transfers: { records: [], missed: [] } },
  });
  const read = decodeSnapshot(page, () => null);
  must(read.readable, 'a page can be read');
  must(isDeepStrictEqual(read.snapshot.call, call), 'a page says everything there is to know about the call');
  return read.snapshot.call;
}
