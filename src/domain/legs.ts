import { checkSdp } from '../sip/sdp.js';
import { acceptsRefer, acceptsTransfer } from './call.js';
import type { CallEvent } from './call-event.js';
import type { LegId } from './ids.js';
import { heard, STABLE, type Media } from './leg.js';
import { onScriptTimer, overlookSwitch } from './script.js';
import { isSoundEvent, onSoundEvent } from './sound-events.js';
import { onReofferAccepted, onReofferRefused, onGlareTimer } from './media-result.js';
import { onAcked, onAckTimer, onOffer } from './media-relay.js';
import { wantedKey } from './media.js';
import type { LegTimer, TimerName } from './effect.js';
import { isTarget, partyGone } from './parties.js';
import { onReferral } from './referral.js';
import type { Refusal } from './outcome.js';
import type { TransferPlan } from './plan.js';
import type { Turn } from './turn.js';

/**
 * The leg layer: keeps the ledger of dialogs, answers for legs nobody waits for any more, and turns what is left
 * into facts for the phase table. Returns false when the event meant nothing here (counted by `step`).
 */
export function onLegEvent(turn: Turn, event: CallEvent): boolean {
  switch (event.type) {
    case 'progress':
      return onProgress(turn, event.leg, event.code, event.reason, event.sdp);
    case 'answered':
      return onAnswered(turn, event.leg, event.sdp);
    case 'refused':
      return onRefused(turn, event.leg, event.refusal);
    case 'hungUp':
      return onGone(turn, event.leg, event);
    case 'closed':
      return onClosed(turn, event.leg, event.code);
    case 'acked':
    case 'offer':
    case 'reofferAccepted':
    case 'reofferRefused':
      onMedia(turn, event);
      return true;
    case 'timerFired':
      return onTimer(turn, event.timer);
    case 'transferCommanded':
      return onCommand(turn, event.plan, event.from);
    case 'cancelRequested':
    case 'returnRequested':
    case 'hangupRequested':
      turn.fact(event);
      return true;
    case 'signallingLost':
      for (const id of [...turn.legs.keys()]) turn.drop(id);
      turn.fact({ type: 'signallingLost' });
      return true;
    default:
      return isSoundEvent(event) ? onSoundEvent(turn, event) : onReferral(turn, event);
  }
}

/** Only a party of the conversation may ask for the other one to be handed on, and only the bot's side by API. */
function onCommand(turn: Turn, plan: TransferPlan, from: LegId | null): boolean {
  const call = turn.next();
  if (from === null ? !acceptsTransfer(call) : !acceptsRefer(call, from)) {
    if (from === null) overlookSwitch(turn);
    return false;
  }
  turn.fact({ type: 'commanded', plan, from });
  return true;
}

type MediaEvent = Extract<CallEvent, { type: 'acked' | 'offer' | 'reofferAccepted' | 'reofferRefused' }>;

function onMedia(turn: Turn, event: MediaEvent): void {
  switch (event.type) {
    case 'acked':
      return onAcked(turn, event.leg, event.sdp);
    case 'offer':
      return onOffer(turn, event.leg, event.offerId, event.sdp);
    case 'reofferAccepted':
      return onReofferAccepted(turn, event.leg, event.sdp);
    case 'reofferRefused':
      return onReofferRefused(turn, event.leg, event.refusal);
  }
}

function onProgress(turn: Turn, id: LegId, code: number, reason: string, sdp: string | null): boolean {
  if (turn.legs.get(id)?.phase !== 'inviting') return false;
  if (id === 'bot') turn.fact({ type: 'botProgress', code, reason, sdp });
  else if (isTarget(turn, id)) turn.fact({ type: 'targetProgress', leg: id, code, reason, sdp });
  return true;
}

function onAnswered(turn: Turn, id: LegId, sdp: string | null): boolean {
  const leg = turn.legs.get(id);
  if (leg?.phase === 'cancelling') {
    // A 2xx that crossed our CANCEL: the dialog exists and is ours to end (RFC 3261 15).
    turn.legs.set(id, { phase: 'closing' });
    turn.effect({ type: 'bye', leg: id, cause: null, headers: [] });
    return true;
  }
  if (leg?.phase !== 'inviting') return false;
  const problem = problemOf(leg.media, sdp);
  turn.legs.set(id, { phase: 'up', media: answeredMedia(leg.media, problem === null ? sdp : null) });
  if (problem !== null) {
    turn.release(id, { sipCode: 488, q850: null, text: problem });
    if (id === 'bot')
      turn.fact({
        type: 'botRefused',
        refusal: { code: 502, reason: 'Bad Gateway', q850: null, retryAfterMs: null, by: 'far_end' },
      });
    else if (isTarget(turn, id)) turn.fact({ type: 'targetUnusable', leg: id, why: problem });
  } else if (id === 'bot') turn.fact({ type: 'botAnswered' });
  else turn.fact({ type: 'targetAnswered', leg: id });
  return true;
}

/** What is wrong with an answer. That of an anchored leg is its endpoint's to judge, which leaves out a wrong one. */
function problemOf({ path }: Media, sdp: string | null): string | null {
  if (sdp === null) return 'no session description in the answer';
  return path === 'anchored' ? null : checkSdp(sdp);
}

function answeredMedia(media: Media, sdp: string | null): Media {
  if (media.path === 'anchored') return { ...media, open: sdp !== null };
  const late = media.local.body === null;
  return {
    ...media,
    ...(sdp === null ? {} : heard(sdp, media.local.body)),
    capabilities: late ? sdp : null,
    negotiation: late ? { state: 'ackOwed' } : STABLE,
  };
}

function onRefused(turn: Turn, id: LegId, refusal: Refusal): boolean {
  const leg = turn.legs.get(id);
  if (leg === undefined) return false;
  const wanted = leg.phase === 'inviting';
  turn.drop(id);
  if (!wanted) return true;
  if (id === 'bot') turn.fact({ type: 'botRefused', refusal });
  else if (isTarget(turn, id)) turn.fact({ type: 'targetRefused', leg: id, refusal });
  return true;
}

function onGone(
  turn: Turn,
  id: LegId,
  why: { readonly q850: number | null; readonly reason: string | null },
): boolean {
  const leg = turn.legs.get(id);
  if (leg === undefined) return false;
  turn.drop(id);
  if (leg.phase !== 'closing' && leg.phase !== 'cancelling') partyGone(turn, id, why);
  // Their BYE crossed ours, which asked for something: nobody will answer that now.
  else if (isHandedBack(turn, id)) turn.fact({ type: 'callerReleased', code: null });
  return true;
}

/** The end of a leg we let go ourselves; of interest only where its answer is the verdict. */
function onClosed(turn: Turn, id: LegId, code: number | null): boolean {
  if (!isHandedBack(turn, id)) return onGone(turn, id, { q850: null, reason: null });
  turn.drop(id);
  turn.fact({ type: 'callerReleased', code });
  return true;
}

const isHandedBack = ({ state }: Turn, id: LegId): boolean =>
  state.phase === 'handingBack' && id === 'caller';

function onTimer(turn: Turn, timer: TimerName): boolean {
  if (!turn.timers.delete(timer)) return false;
  switch (timer) {
    case 'setup':
      turn.fact({ type: 'setupTimeout' });
      return true;
    case 'ring':
      turn.fact({ type: 'ringTimeout' });
      return true;
    case 'retry':
      turn.fact({ type: 'retryDue' });
      return true;
    case 'alone':
      turn.fact({ type: 'aloneTimeout' });
      return true;
    case 'referResponse':
    case 'firstNotify':
    case 'referTotal':
      turn.fact({ type: 'referTimeout', timer });
      return true;
    case 'depart':
      turn.fact({ type: 'departTimeout' });
      return true;
    case 'speak':
      turn.fact({ type: 'speakTimeout' });
      return true;
    case 'warm':
      turn.fact({ type: 'warmTimeout' });
      return true;
    case 'decision':
    case 'digits':
    case 'noInput':
      return onScriptTimer(turn, timer);
    default:
      return onLegTimer(turn, timer);
  }
}

function onLegTimer(turn: Turn, timer: LegTimer): boolean {
  const id = timer.slice(timer.indexOf(':') + 1) as LegId;
  const media = turn.direct(id);
  if (timer.startsWith('brief:')) turn.fact({ type: 'briefTimeout', leg: id });
  else if (timer.startsWith('ack:')) onAckTimer(turn, id);
  else if (timer.startsWith('leave:')) turn.release(id, { sipCode: 200, q850: null, text: 'transferred' });
  else if (media !== null) onGlareTimer(turn, id, wantedKey(turn, media.want));
  return true;
}
