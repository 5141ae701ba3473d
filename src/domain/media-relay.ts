import { answerDirections, checkSdp, inactive, mediaKey, opened, present, sameBody } from '../sip/sdp.js';
import type { LegId } from './ids.js';
import { heard, HELD, isFree, STABLE, type DirectMedia } from './leg.js';
import { sendOffer } from './media-send.js';
import { T } from './timing.js';
import type { Refusal } from './outcome.js';
import { partyGone } from './parties.js';
import type { Turn } from './turn.js';

/**
 * A party's own re-INVITE or UPDATE: hold, a new address, other codecs. It is carried to the partner and answered
 * with what the partner says; a mere session refresh, or a party nobody is connected to, is answered from here.
 */
export function onOffer(turn: Turn, id: LegId, offerId: number, sdp: string | null): void {
  const media = turn.direct(id);
  const refuse = (code: number, reason: string): void =>
    turn.effect({ type: 'refuseOffer', leg: id, offerId, code, reason });
  if (media === null) return refuse(481, 'Call/Transaction Does Not Exist');
  const { state } = media.negotiation;
  if (state !== 'stable' && state !== 'refused' && (state !== 'backoff' || sdp === null))
    return refuse(491, 'Request Pending');
  if (sdp === null) return offerOurs(turn, id, media, offerId);
  if (checkSdp(sdp) !== null) return refuse(488, 'Not Acceptable Here');
  const partner = partnerOf(turn, id, media);
  if (state === 'backoff' || partner === null || isRefresh(media, sdp))
    return acceptHere(turn, id, media, offerId, sdp);
  if (!isFree(partner.media)) return refuse(491, 'Request Pending');
  relay(turn, id, media, partner, offerId, sdp);
}

/** The ACK of a 2xx of ours brought the answer to the offer we made in it. */
export function onAcked(turn: Turn, id: LegId, sdp: string): void {
  if (turn.anchored(id) !== null) {
    turn.stop(`ack:${id}`);
    return turn.setAnchored(id, { open: true });
  }
  const media = turn.direct(id);
  if (media === null || checkSdp(sdp) !== null) return;
  // What we offered may have been narrowed by an old hold of theirs: `converge` looks at it afresh.
  const shown = media.shown === HELD ? HELD : null;
  turn.setMedia(id, { ...heard(sdp, media.local.body), shown });
  // An ACK that the timer has overtaken still says where the party is; it opens nothing any more.
  if (media.negotiation.state !== 'ackAwaited') return;
  turn.stop(`ack:${id}`);
  turn.setMedia(id, { negotiation: STABLE });
}

/** The ACK never came, or came without an answer: the dialog goes on as it was. */
export function onAckTimer(turn: Turn, id: LegId): void {
  if (turn.anchored(id)?.open === false) return neverOpened(turn, id);
  const media = turn.direct(id);
  if (media?.negotiation.state !== 'ackAwaited') return;
  turn.setMedia(id, { negotiation: STABLE });
  if (media.remote === null) turn.fact({ type: 'ackTimeout' });
}

/** Nobody will ever hear it: the caller's call is the phase's business, anybody else is as good as gone. */
function neverOpened(turn: Turn, id: LegId): void {
  if (id === 'caller') return turn.fact({ type: 'ackTimeout' });
  const reason = 'no answer in the ACK';
  turn.release(id, { sipCode: 408, q850: null, text: reason });
  partyGone(turn, id, { q850: null, reason });
}

/** The partner agreed: its answer is the answer (RFC 3264 5). */
export function acceptRelayed(turn: Turn, id: LegId, partner: LegId, answer: string): void {
  const media = turn.direct(id);
  if (media?.negotiation.state !== 'relaying') return;
  const { offerId, sdp } = media.negotiation;
  const local = present(media.local, answer, sdp, true);
  const shown = turn.direct(partner)?.remoteKey ?? mediaKey(answer);
  turn.setMedia(id, { ...heard(sdp, null), capabilities: sdp, local, shown, negotiation: STABLE, rounds: 0 });
  turn.effect({ type: 'acceptOffer', leg: id, offerId, sdp: local.body ?? '' });
}

/** The partner refused, or is gone: so is the offer, and the session stays as it was. */
export function refuseRelayed(turn: Turn, id: LegId, refusal: Pick<Refusal, 'code' | 'reason'>): void {
  const media = turn.direct(id);
  if (media?.negotiation.state !== 'relaying') return;
  const { offerId } = media.negotiation;
  turn.setMedia(id, { negotiation: STABLE });
  const { code, reason } = FORWARDED.has(refusal.code)
    ? refusal
    : { code: 480, reason: 'Temporarily Unavailable' };
  turn.effect({ type: 'refuseOffer', leg: id, offerId, code, reason });
}

/** Refusals about the offer itself; anything else is between us and the partner. */
const FORWARDED: ReadonlySet<number> = new Set([415, 488, 491, 606]);

/** A leg has left: an offer that was on its way to it will never be answered by it. */
export function partnerLeft(turn: Turn): void {
  for (const id of turn.legs.keys()) {
    const media = turn.direct(id);
    if (media?.negotiation.state !== 'relaying') continue;
    const carried = [...turn.legs.values()].some(
      (l) =>
        l.phase === 'up' &&
        l.media.path === 'direct' &&
        l.media.negotiation.state === 'offering' &&
        l.media.negotiation.relay === id,
    );
    if (!carried) refuseRelayed(turn, id, { code: 480, reason: 'Temporarily Unavailable' });
  }
}

export function partnerOf(
  turn: Turn,
  id: LegId,
  media: DirectMedia,
): { id: LegId; media: DirectMedia } | null {
  if (media.want.kind !== 'peer') return null;
  const partner = turn.direct(media.want.leg);
  const mutual = partner?.want.kind === 'peer' && partner.want.leg === id;
  return partner !== null && mutual ? { id: media.want.leg, media: partner } : null;
}

function relay(
  turn: Turn,
  id: LegId,
  media: DirectMedia,
  partner: { id: LegId; media: DirectMedia },
  offerId: number,
  sdp: string,
): void {
  const local = present(partner.media.local, sdp, partner.media.local.body, false);
  if (local === partner.media.local) return acceptHere(turn, id, media, offerId, sdp);
  turn.setMedia(id, { negotiation: { state: 'relaying', offerId, sdp } });
  const key = mediaKey(sdp);
  sendOffer(
    turn,
    partner.id,
    { ...partner.media, rounds: 0 },
    { state: 'offering', key, local, relay: id, tries: 0 },
  );
}

const isRefresh = ({ said }: DirectMedia, sdp: string): boolean => said !== null && sameBody(sdp, said);

/** Answered with what the leg is shown already, its directions turned to fit the offer. */
function acceptHere(turn: Turn, id: LegId, media: DirectMedia, offerId: number, sdp: string): void {
  const local = present(media.local, answerDirections(ownSide(turn, media) ?? sdp, sdp), sdp, true);
  const shown = media.want.kind === 'held' ? HELD : media.shown;
  // A refresh repeats an answer we may have narrowed: it says nothing new about what the party wants.
  const news = isRefresh(media, sdp) ? {} : { ...heard(sdp, null), capabilities: sdp };
  turn.setMedia(id, { ...news, local, shown });
  turn.effect({ type: 'acceptOffer', leg: id, offerId, sdp: local.body ?? '' });
}

/**
 * An offerless re-INVITE asks what we would like: what the leg is shown already, so that nothing is lost when the
 * answer never comes; the ACK brings it.
 */
function offerOurs(turn: Turn, id: LegId, media: DirectMedia, offerId: number): void {
  turn.setMedia(id, { negotiation: { state: 'ackAwaited' } });
  turn.start(`ack:${id}`, T.ackMs);
  turn.effect({ type: 'acceptOffer', leg: id, offerId, sdp: media.local.body ?? '' });
}

/**
 * What a leg is shown, in its full width: a direction narrowed to fit an earlier offer of the leg's own (its hold)
 * must not outlive that offer.
 */
function ownSide(turn: Turn, media: DirectMedia): string | null {
  const { local, want, shown } = media;
  if (local.body === null || shown === HELD) return local.body;
  if (want.kind === 'held') return inactive(local.body);
  const partner = turn.direct(want.leg);
  return partner?.remote != null && shown === partner.remoteKey ? partner.remote : opened(local.body);
}
