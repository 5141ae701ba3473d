import { homeLeg, whoStays, type Transfer } from './call.js';
import { letHearRinging } from './early-media.js';
import type { LegId } from './ids.js';
import { homeIsUp } from './parties.js';
import type { Message } from './plan.js';
import type { Sound } from './sound.js';
import type { Turn } from './turn.js';
import { targetOf } from './verdict.js';

/**
 * Where the party that stays is heard, and what it hears, while a target is sought: its bot or agent, or a sound of
 * ours where the call is anchored and nobody talks to it, or something else is asked for.
 */
export function waitAtHome(turn: Turn, transfer: Transfer): void {
  const stays = whoStays(transfer);
  const sound = waitingSound(turn, transfer);
  const home = homeLeg(transfer);
  if (sound === null) {
    if (home !== null) turn.connect('caller', home);
    return;
  }
  if (!hears(turn, stays, sound)) hearSound(turn, stays, sound);
  if (wantsEarlyMedia(turn, transfer)) letHearRinging(turn);
}

/** The party that waits is to hear the target itself as soon as that can be heard. */
export function wantsEarlyMedia(turn: Turn, transfer: Transfer): boolean {
  const { sounds } = transfer.plan;
  if (sounds === null || musicOf(transfer) !== null) return false;
  return sounds.waiting === 'early' || (sounds.waiting === 'bot' && !homeIsUp(turn, transfer));
}

/** A sound keeps the party that stays from silence. */
export const isEntertained = (turn: Turn, transfer: Transfer): boolean =>
  turn.anchored(whoStays(transfer))?.has.state === 'sound';

/** The leg hears this from now on. @returns the number of the playing */
export function hearSound(turn: Turn, leg: LegId, sound: Sound): number {
  const n = turn.nextNumber();
  turn.want(leg, { kind: 'sound', sound, n });
  return n;
}

export const spoken = (message: Message): Sound => ({ kind: 'message', message });

/** Nothing for a caller that is not answered yet: it hears the ringing of its own network, or the target's. */
function waitingSound(turn: Turn, transfer: Transfer): Sound | null {
  const { sounds } = transfer.plan;
  const stays = whoStays(transfer);
  if (sounds === null || turn.anchored(stays) === null || turn.up(stays) === null) return null;
  const music = musicOf(transfer);
  if (music !== null) return { kind: 'music', file: music };
  return sounds.waiting === 'bot' && homeIsUp(turn, transfer) && transfer.home.with !== 'script'
    ? null
    : { kind: 'ringback' };
}

function musicOf(transfer: Transfer): string | null {
  const { sounds } = transfer.plan;
  const { waiting } = sounds ?? { waiting: 'bot' };
  return targetOf(transfer).music ?? (typeof waiting === 'object' ? waiting.music : null);
}

/** The same sound goes on from one attempt to the next. */
function hears(turn: Turn, leg: LegId, sound: Sound): boolean {
  const want = turn.anchored(leg)?.want;
  if (want?.kind !== 'sound' || want.sound.kind !== sound.kind) return false;
  return sound.kind !== 'music' || (want.sound.kind === 'music' && want.sound.file === sound.file);
}
