import { checkSdp } from '../sip/sdp.js';
import { acceptsRefer } from './call.js';
import type { CallEvent } from './call-event.js';
import type { Cause } from './effect.js';
import type { LegId } from './ids.js';
import { freshAnchored, freshMedia, type Leg } from './leg.js';
import { partnerOf } from './media-relay.js';
import type { Turn } from './turn.js';
import { NEXT, refuse } from './verdict.js';
import { answerWith } from './unanswered.js';

type Referral = Extract<
  CallEvent,
  {
    type:
      | 'transferRefused'
      | 'referAnswered'
      | 'notified'
      | 'referred'
      | 'brought'
      | 'legTaken'
      | 'replaced'
      | 'info';
  }
>;

/** The leg layer's share of what parties ask for by REFER, Replaces and INFO. False: it meant nothing here. */
export function onReferral(turn: Turn, event: Referral): boolean {
  switch (event.type) {
    case 'transferRefused':
      // After `call.ended` nothing is told.
      if (turn.state.phase === 'ending' || turn.state.phase === 'ended') return false;
      refuse(turn, event.refused, event.leaving ? NEXT.end : NEXT.stay);
      return true;
    case 'referAnswered':
    case 'notified':
      return onOurRefer(turn, event);
    case 'referred':
      return onRefer(turn, event);
    case 'brought':
      return onBrought(turn, event);
    case 'legTaken':
      if (!turn.legs.has(event.leg)) return false;
      turn.drop(event.leg);
      turn.fact({ type: 'legTaken', leg: event.leg });
      return true;
    case 'replaced':
      return onReplaced(turn, event);
    case 'info':
      return onInfo(turn, event);
  }
}

/** Only what belongs to the REFER that is under way: an older one has its verdict. */
function onOurRefer(turn: Turn, event: Extract<Referral, { type: 'referAnswered' | 'notified' }>): boolean {
  const { state } = turn;
  if (state.phase !== 'referring' || state.referral !== event.referral) return false;
  if (event.type === 'notified')
    turn.fact({ type: 'referProgress', status: event.status, terminated: event.terminated });
  else if (event.refusal === null) turn.fact({ type: 'referAccepted' });
  else turn.fact({ type: 'referRefused', refusal: event.refusal });
  return true;
}

/** 202 at once and the work afterwards (RFC 3515 2.4.2), or no and nothing at all. */
function onRefer(turn: Turn, { leg, referId, verdict }: Extract<Referral, { type: 'referred' }>): boolean {
  if (turn.up(leg) === null) return false;
  const no = (code: number, reason: string): void =>
    turn.effect({ type: 'refuseRefer', leg, referId, code, reason });
  if (verdict.kind === 'refuse') {
    no(verdict.code, verdict.reason);
    if (verdict.refused !== null) refuse(turn, verdict.refused, NEXT.stay);
  } else if (!acceptsRefer(turn.next(), leg)) no(491, 'Request Pending');
  else {
    turn.effect({ type: 'acceptRefer', leg, referId });
    turn.fact({ type: 'referred', from: leg, referId, plan: verdict.plan });
  }
  return true;
}

/** The party behind the referrer's other call is ours from now on, with all that was agreed with it. */
function onBrought(turn: Turn, event: Extract<Referral, { type: 'brought' }>): boolean {
  const { leg, referId, plan, party, as } = event;
  turn.dialled += 1;
  adopt(turn, as, party);
  const ringing = party.phase === 'inviting';
  if (!acceptsRefer(turn.next(), leg) || (!ringing && turn.up(as) === null)) {
    if (turn.up(leg) !== null)
      turn.effect({ type: 'refuseRefer', leg, referId, code: 491, reason: 'Request Pending' });
    turn.release(as, null);
    return true;
  }
  turn.effect({ type: 'acceptRefer', leg, referId });
  turn.fact({ type: 'brought', from: leg, referId, plan, leg: as, ringing });
  return true;
}

/** In its own call it stood beside others of the same names: what tied it to them stays behind. */
function adopt(turn: Turn, as: LegId, party: Leg): void {
  turn.place(as, party);
  const media = turn.media(as);
  if (media === null) return;
  const want = { kind: 'peer', leg: 'caller' } as const;
  if (media.path === 'anchored') return turn.setAnchored(as, { want, has: { state: 'silent' } });
  const { negotiation } = media;
  turn.setMedia(as, {
    want,
    rounds: 0,
    negotiation: negotiation.state === 'offering' ? { ...negotiation, relay: null } : negotiation,
  });
}

/**
 * The new leg takes over the old one's name, part and partner (RFC 3891 3): answered with what the partner has to
 * show, while the partner is shown the new one by the reconciler; the old dialog gets its BYE.
 */
function onReplaced(turn: Turn, { leg, as, sdp }: Extract<Referral, { type: 'replaced' }>): boolean {
  turn.dialled += 1;
  const { setup } = turn.call;
  if (setup.media === 'anchored') return takePlace(turn, leg, as, sdp);
  const old = turn.direct(leg);
  const partner = old === null ? null : partnerOf(turn, leg, old);
  const want = old?.want ?? { kind: 'held' as const };
  const media = freshMedia(setup.sdpSeed + 1 + turn.dialled, setup.host, want, sdp);
  turn.legs.set(as, { phase: 'offered', media });
  // A partner that has said nothing yet has nothing to answer with.
  if (partner?.media.remote == null) return turnAway(turn, as, NOBODY);
  if (hasPendingRefer(turn, leg)) return turnAway(turn, as, PENDING);
  if (sdp !== null && checkSdp(sdp) !== null) return turnAway(turn, as, UNUSABLE);
  turn.swap(leg, as);
  turn.release(as, { sipCode: 200, q850: null, text: 'replaced' });
  answerWith(turn, leg, partner.id);
  return true;
}

/** The same where media is ours: only the endpoint behind the name changes. */
function takePlace(turn: Turn, leg: LegId, as: LegId, sdp: string | null): true {
  const old = turn.anchored(leg);
  const media = freshAnchored(old?.want ?? { kind: 'held' }, sdp !== null);
  turn.legs.set(as, { phase: 'offered', media });
  const leaves = turn.timers.has(`leave:${leg}`);
  if (old === null || turn.up(leg) === null || leaves) return turnAway(turn, as, NOBODY);
  if (hasPendingRefer(turn, leg)) return turnAway(turn, as, PENDING);
  turn.swap(leg, as);
  turn.release(as, { sipCode: 200, q850: null, text: 'replaced' });
  answerWith(turn, leg, leg);
  return true;
}

function turnAway(turn: Turn, as: LegId, cause: Cause): true {
  turn.release(as, cause);
  return true;
}

/** A subscription lives and dies with its dialog, and with it the verdict somebody waits for (RFC 3515 2.4.4). */
function hasPendingRefer({ state }: Turn, leg: LegId): boolean {
  if (state.phase === 'referring' && leg === 'caller') return true;
  return 'transfer' in state && state.transfer.referrer?.leg === leg;
}

const NOBODY = { sipCode: 480, q850: null, text: 'Temporarily Unavailable' } as const;
const PENDING = { sipCode: 491, q850: null, text: 'Request Pending' } as const;
const UNUSABLE = { sipCode: 488, q850: null, text: 'Not Acceptable Here' } as const;

/** DTMF and whatever else parties tell each other in INFO goes through a bridge unread (RFC 6086). */
function onInfo(
  turn: Turn,
  { leg, info }: { leg: LegId; info: Extract<Referral, { type: 'info' }>['info'] },
): boolean {
  const want = turn.up(leg)?.want;
  const partner = want?.kind === 'peer' ? want.leg : null;
  const back = partner === null ? undefined : turn.up(partner)?.want;
  if (partner === null || back?.kind !== 'peer' || back.leg !== leg) return false;
  turn.effect({ type: 'info', leg: partner, info });
  return true;
}
