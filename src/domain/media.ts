import { answerDirections, present } from '../sip/sdp.js';
import type { LegId } from './ids.js';
import { HELD, isFree, STABLE, type DirectMedia, type Want } from './leg.js';
import { offerShown } from './media-send.js';
import type { Refusal } from './outcome.js';
import { convergeAnchored, isWith, stuckAnchored } from './sounding.js';
import type { Turn } from './turn.js';

/**
 * Who hears whom, as a reconciler: every leg that is up has something it *wants* to be shown (a partner's media, or
 * hold) and something it *is* shown. Whenever the two differ and both dialogs are free, one re-INVITE goes out.
 * Phases only say who belongs together; how many re-INVITEs that takes, in which order, and what a crossing offer
 * does to it, is settled here.
 */
export function converge(turn: Turn): void {
  if (turn.call.setup.media === 'anchored') return convergeAnchored(turn);
  // A leg that turns out to be shown the right thing already may be what another one waits for.
  while (convergeOnce(turn));
}

function convergeOnce(turn: Turn): boolean {
  let changed = false;
  for (const id of turn.legs.keys()) {
    const media = turn.direct(id);
    if (media === null) continue;
    if (media.negotiation.state !== 'ackOwed' && !isFree(media)) continue;
    if (!partnerReady(turn, id, media.want)) continue;
    const key = wantedKey(turn, media.want);
    if (key === null) continue;
    if (media.negotiation.state === 'ackOwed') changed = acknowledge(turn, id, media, key) || changed;
    else if (needsOffer(media, key)) changed = offerShown(turn, id, media, key, 0) || changed;
  }
  return changed;
}

/** True when caller and partner are shown to each other and nothing is under way. */
export function settled(turn: Turn, a: LegId, b: LegId): boolean {
  return isShown(turn, a, b) && isShown(turn, b, a);
}

/** They show each other: what it took is forgotten, and the next change has all its rounds again. */
export function agreed(turn: Turn, a: LegId, b: LegId): void {
  for (const id of [a, b]) if ((turn.direct(id)?.rounds ?? 0) !== 0) turn.setMedia(id, { rounds: 0 });
}

/** Who refused what, when both are free, both were offered what there is to offer, and still do not show each other. */
export function stuck(turn: Turn, a: LegId, b: LegId): { leg: LegId; refusal: Refusal } | null {
  if (turn.call.setup.media === 'anchored') return stuckAnchored(turn, a, b);
  const [one, two] = [turn.direct(a), turn.direct(b)];
  if (one === null || two === null || !isFree(one) || !isFree(two) || settled(turn, a, b)) return null;
  if (two.negotiation.state === 'refused') return { leg: b, refusal: two.negotiation.refusal };
  return { leg: a, refusal: one.negotiation.state === 'refused' ? one.negotiation.refusal : STUCK };
}

const STUCK: Refusal = {
  code: 488,
  reason: 'Not Acceptable Here',
  q850: null,
  retryAfterMs: null,
  by: 'local',
};

/** `id` has been shown what there is of `partner`. */
export function isShown(turn: Turn, id: LegId, partner: LegId): boolean {
  const has = turn.anchored(id)?.has;
  if (has !== undefined) return isWith(has, partner);
  const media = turn.direct(id);
  if (media === null || media.want.kind !== 'peer' || media.want.leg !== partner) return false;
  const key = wantedKey(turn, media.want);
  return isFree(media) && key !== null && media.shown === key;
}

/** The key a leg should be shown; `null` while its partner has none to show. */
export function wantedKey(turn: Turn, want: Want): string | null {
  if (want.kind === 'held') return HELD;
  return turn.audible(want.leg)?.remoteKey ?? null;
}

/**
 * A partner on hold has nothing to show yet: it is taken off hold first, with our leg's media, and only its answer
 * to that is worth showing. The same for one whose own exchange is still open. And one who is on its way to somebody
 * else is followed by nobody: the bot need not hear of every step a caller takes towards a target.
 */
function partnerReady(turn: Turn, id: LegId, want: Want): boolean {
  if (want.kind === 'held') return true;
  const partner = turn.audible(want.leg);
  if (partner?.want.kind !== 'peer' || partner.want.leg !== id) return false;
  return isFree(partner) && partner.shown !== HELD;
}

function needsOffer(media: DirectMedia, key: string): boolean {
  if (media.shown === key || !isFree(media)) return false;
  return media.negotiation.state !== 'refused' || media.negotiation.key !== key;
}

/** The answer owed in the ACK of an offerless INVITE of ours (RFC 3261 13.2.1). */
function acknowledge(turn: Turn, id: LegId, media: DirectMedia, key: string): boolean {
  const partner = media.want.kind === 'peer' ? turn.direct(media.want.leg) : null;
  if (partner?.remote == null || media.remote === null) return false;
  const local = present(media.local, answerDirections(partner.remote, media.remote), media.remote, true);
  turn.setMedia(id, { local, shown: key, negotiation: STABLE });
  turn.effect({ type: 'ack', leg: id, sdp: local.body ?? '' });
  return true;
}
