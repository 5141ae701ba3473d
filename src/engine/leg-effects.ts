import type { Cause, Effect } from '../domain/effect.js';
import type { HeaderLine } from '../domain/plan.js';
import type { LegPort } from '../ports/signalling.js';
import type { SoundEffect } from './anchor/switchboard.js';

type LegEffect = Exclude<
  Effect,
  {
    type:
      | 'tell'
      | 'dial'
      | 'startTimer'
      | 'stopTimer'
      | 'swapLegs'
      | 'learn'
      | 'command'
      | 'done'
      | SoundEffect['type'];
  }
>;

/** Asks a leg for what the domain wants of it. */
export function performOnLeg(leg: LegPort, effect: LegEffect): void {
  switch (effect.type) {
    case 'ring':
      return leg.ring(effect.code, effect.reason, effect.sdp);
    case 'answer':
      return leg.answer(effect.sdp);
    case 'reject':
      return leg.reject(effect.code, effect.reason, effect.headers);
    case 'cancel':
      return leg.cancel(reasonHeader(effect.cause));
    case 'ack':
      return leg.ack(effect.sdp);
    case 'bye':
      return leg.bye([...reasonHeader(effect.cause), ...effect.headers]);
    case 'reoffer':
      return leg.reoffer(effect.sdp);
    case 'acceptOffer':
      return leg.acceptOffer(effect.offerId, effect.sdp);
    case 'refuseOffer':
      return leg.refuseOffer(effect.offerId, effect.code, effect.reason);
    default:
      return performReferral(leg, effect);
  }
}

type ReferralEffect = Extract<
  LegEffect,
  { type: 'refer' | 'acceptRefer' | 'refuseRefer' | 'notifyRefer' | 'info' }
>;

function performReferral(leg: LegPort, effect: ReferralEffect): void {
  switch (effect.type) {
    case 'refer':
      return leg.refer(effect.referral, effect.way);
    case 'acceptRefer':
      return leg.acceptRefer(effect.referId);
    case 'refuseRefer':
      return leg.refuseRefer(effect.referId, effect.code, effect.reason);
    case 'notifyRefer':
      return leg.notifyRefer(effect.referId, effect.code, effect.reason, effect.final);
    case 'info':
      return leg.info(effect.info);
  }
}

/** RFC 3326. The text is one of ours or a far end's, so quotes and line ends must not survive. */
export function reasonHeader(cause: Cause | null): readonly HeaderLine[] {
  if (cause === null) return [];
  const text = cause.text.replace(/[^\x20-\x7e]|["\\]/g, ' ').slice(0, 128);
  if (cause.q850 !== null) return [['Reason', `Q.850;cause=${cause.q850};text="${text}"`]];
  if (cause.sipCode !== null) return [['Reason', `SIP;cause=${cause.sipCode};text="${text}"`]];
  return [];
}
