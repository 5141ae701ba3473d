import { inactive, present, type LocalSdp } from '../sip/sdp.js';
import type { LegId } from './ids.js';
import { STABLE, type DirectMedia, type Negotiation } from './leg.js';
import type { Refusal } from './outcome.js';
import type { Turn } from './turn.js';

/** Re-INVITEs of ours on one leg until we let it be: two parties that never agree are left as they are. */
const MAX_ROUNDS = 6;

const NEVER_AGREED: Refusal = {
  code: 488,
  reason: 'Not Acceptable Here',
  q850: null,
  retryAfterMs: null,
  by: 'local',
};

/**
 * Sends the re-INVITE that shows `key` on a leg. True when nothing had to be sent, because the body would be the one
 * already there.
 */
export function offerShown(turn: Turn, id: LegId, media: DirectMedia, key: string, tries: number): boolean {
  const local = wantedBody(turn, media);
  if (local === null) return false;
  if (local === media.local) {
    turn.setMedia(id, { shown: key, negotiation: STABLE });
    return true;
  }
  if (media.rounds >= MAX_ROUNDS) {
    turn.setMedia(id, { negotiation: { state: 'refused', key, refusal: NEVER_AGREED } });
    return false;
  }
  sendOffer(turn, id, media, { state: 'offering', key, local, relay: null, tries });
  return false;
}

export function sendOffer(
  turn: Turn,
  id: LegId,
  media: DirectMedia,
  negotiation: Extract<Negotiation, { state: 'offering' }>,
): void {
  turn.setMedia(id, { negotiation, rounds: media.rounds + 1 });
  turn.effect({ type: 'reoffer', leg: id, sdp: negotiation.local.body ?? '' });
}

function wantedBody(turn: Turn, media: DirectMedia): LocalSdp | null {
  const { want, local } = media;
  if (want.kind === 'held')
    return local.body === null ? null : present(local, inactive(local.body), local.body, false);
  const partner = turn.audible(want.leg);
  return partner?.remote == null ? null : present(local, partner.remote, local.body, false);
}
