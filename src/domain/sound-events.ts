import { whoStays } from './call.js';
import type { CallEvent } from './call-event.js';
import type { LegId } from './ids.js';
import { limitSilence } from './home.js';
import { isTarget, partyGone } from './parties.js';
import { onGarbled, onReplied, onScriptDigit, onScriptPlayed } from './script.js';
import { onChanged, onMediaReset } from './sounding.js';
import type { Sound } from './sound.js';
import type { Turn } from './turn.js';
import { hearSound } from './waiting.js';

const SOUND_EVENTS = ['changed', 'played', 'digit', 'mediaReset', 'mediaLost', 'replied', 'garbled'] as const;

export type SoundEvent = Extract<CallEvent, { type: (typeof SOUND_EVENTS)[number] }>;

export const isSoundEvent = <E extends CallEvent>(event: E): event is E & SoundEvent =>
  (SOUND_EVENTS as readonly string[]).includes(event.type);

/** The leg layer's share of what the media server and a script bot say. False: it meant nothing here. */
export function onSoundEvent(turn: Turn, event: SoundEvent): boolean {
  switch (event.type) {
    case 'changed':
      onChanged(turn, event.change, event.result);
      return true;
    case 'played':
      return onPlayed(turn, event.n, event.ok);
    case 'digit':
      return onDigit(turn, event.leg, event.digit);
    case 'mediaReset':
      onMediaReset(turn, event.leg);
      return true;
    case 'mediaLost':
      return onMediaLost(turn, event.leg, event.reason);
    case 'replied':
      return onReplied(turn, event.question, event.replies);
    case 'garbled':
      return onGarbled(turn, event.question, event.problem);
  }
}

/** By its number: the leg it was begun on may have another name by now. */
function onPlayed(turn: Turn, n: number, ok: boolean): boolean {
  const leg = [...turn.legs.keys()].find((id) => isPlaying(turn, id, n));
  const want = leg === undefined ? undefined : turn.anchored(leg)?.want;
  if (leg === undefined || want === undefined) return false;
  // Nobody waits for it any more: what it waits for itself has not come yet.
  if (want.kind !== 'sound' || want.n !== n) turn.setAnchored(leg, { has: { state: 'silent' } });
  else if (leg === 'caller' && onScriptPlayed(turn, n, ok)) return true;
  else heardOut(turn, leg, want.sound.kind, n, ok);
  return true;
}

function heardOut(turn: Turn, leg: LegId, kind: Sound['kind'], n: number, ok: boolean): void {
  if (!ok) {
    const detail = `${kind === 'message' ? 'a message' : kind} to the ${leg} could not be played`;
    turn.tell({ type: 'call.warning', data: { problem: 'not_played', detail } });
  }
  if (isWaitingSound(turn, leg)) waitOn(turn, leg, kind);
  else turn.fact({ type: 'played', leg, n, ok });
}

function isPlaying(turn: Turn, leg: LegId, n: number): boolean {
  const has = turn.anchored(leg)?.has;
  return has?.state === 'sound' && has.n === n;
}

/** What fills the wait for a target, as against a message somebody waits for. */
function isWaitingSound({ state }: Turn, leg: LegId): boolean {
  const { phase } = state;
  if (phase !== 'dialling' && phase !== 'retryWait' && phase !== 'referring') return false;
  return leg === whoStays(state.transfer);
}

/** Music that cannot be had gives way to ringback, and when there is not even that, silence has its limit. */
function waitOn(turn: Turn, leg: LegId, kind: Sound['kind']): void {
  const { state } = turn;
  if (kind === 'music') hearSound(turn, leg, { kind: 'ringback' });
  else if ('transfer' in state) {
    turn.want(leg, { kind: 'held' });
    limitSilence(turn, state.transfer);
  }
}

/** Keys in a conversation go on to the partner as they are; the bot is told them too. */
function onDigit(turn: Turn, leg: LegId, digit: string): boolean {
  if (leg === 'caller' && onScriptDigit(turn, digit)) return true;
  const talks = turn.state.phase === 'withTarget' && (leg === 'caller' || isTarget(turn, leg));
  if (!talks && !isTarget(turn, leg)) return false;
  if (talks)
    turn.tell({
      type: 'call.input',
      data: { input: 'dtmf', digits: digit, from: leg === 'caller' ? 'caller' : 'agent' },
    });
  turn.fact({ type: 'digit', leg, digit });
  return true;
}

function onMediaLost(turn: Turn, id: LegId, reason: string): boolean {
  if (turn.anchored(id) === null) return false;
  if (id === 'caller') {
    turn.fact({ type: 'mediaLost', reason });
    return true;
  }
  turn.release(id, { sipCode: 503, q850: null, text: reason });
  partyGone(turn, id, { q850: null, reason }, 'engine');
  return true;
}
