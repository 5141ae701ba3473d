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
  // Whoever was in a conference with it comes back to it.
  if (home !== null && home !== stays) turn.want(home, { kind: 'peer', leg: stays });
  if (!hears(turn, stays, sound)) hearSound(turn, stays, sound);
  if (wantsEarlyMedia(turn, transfer)) letHearRinging(turn);
}

/** The party that waits is to hear the target itself as soon as that can be heard. */
export function wantsEarlyMedia(turn: Turn, transfer: Transfer): boolean {
  const { sounds } = transfer.plan;
  if (sounds === null || musicOf(transfer) !== null || keepsTalking(turn, transfer)) return false;
  return sounds.waiting === 'early' || (sounds.waiting === 'bot' && !homeIsUp(turn, transfer));
}

/** A caller that asks for somebody in its own place talks on until it leaves: sounds are for those who are left. */
export const keepsTalking = (turn: Turn, transfer: Transfer): boolean =>
  transfer.seat === 'caller' && homeIsUp(turn, transfer);

/** What a target sends before its answer is for a caller not answered yet: media of its own, or not of ours instead. */
export const hearsEarly = (turn: Turn, transfer: Transfer): boolean =>
  transfer.plan.sounds === null || wantsEarlyMedia(turn, transfer);

/** A sound, or a conference, keeps the party that stays from silence. */
export function isEntertained(turn: Turn, transfer: Transfer): boolean {
  const state = turn.anchored(whoStays(transfer))?.has.state;
  return state === 'sound' || state === 'conference';
}

/** The leg hears this from now on. @returns the number of the playing */
export function hearSound(turn: Turn, leg: LegId, sound: Sound): number {
  const n = turn.nextNumber();
  turn.want(leg, { kind: 'sound', sound, n });
  return n;
}

/** What a caller must be told before it is recorded, where it has not heard that yet. */
export function tellConsent(turn: Turn): void {
  const { consent } = turn.call.setup;
  if (turn.consent === 'due' && consent !== null) hearSound(turn, 'caller', spoken(consent));
}

export const spoken = (message: Message): Sound => ({ kind: 'message', message });

/** Nothing for a caller that is not answered yet: it hears the ringing of its own network, or the target's. */
function waitingSound(turn: Turn, transfer: Transfer): Sound | null {
  const { sounds } = transfer.plan;
  const stays = whoStays(transfer);
  if (sounds === null || turn.anchored(stays) === null || turn.up(stays) === null) return null;
  if (keepsTalking(turn, transfer)) return null;
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
