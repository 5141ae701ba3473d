import { checkSdp } from '../sip/sdp.js';
import { whoStays } from './call.js';
import type { LegId } from './ids.js';
import { heard, isOpen } from './leg.js';
import { isShown } from './media.js';
import type { Turn } from './turn.js';

/**
 * Early media of a target: a party nobody talks to any more is shown it, and so hears the target's own ringing or
 * announcements instead of silence. One that is with the bot or an agent stays with them.
 */

/** What a target that is not answered yet sends from; kept, for the party may be left alone later. */
export function noteEarlyMedia(turn: Turn, leg: LegId, sdp: string | null): void {
  if (sdp !== null && turn.anchored(leg) !== null) return turn.setAnchored(leg, { open: true });
  const media = turn.media(leg);
  if (media?.path !== 'direct') return;
  // Only as the answer to our own offer: an unreliable 18x cannot carry one (RFC 3261 13.2.1).
  if (sdp === null || media.local.body == null || checkSdp(sdp) !== null) return;
  turn.setMedia(leg, heard(sdp, media.local.body));
}

/** The party that waits is turned to the first target that can be heard. */
export function letHearRinging(turn: Turn): void {
  const { state } = turn;
  if (state.phase !== 'dialling') return;
  const audible = state.ringing.find(({ leg, briefing }) => {
    const media = turn.media(leg);
    return briefing === null && media !== null && isOpen(media);
  });
  if (audible !== undefined) turn.want(whoStays(state.transfer), { kind: 'peer', leg: audible.leg });
}

/** The party that waits has been shown the media of a target that rings. */
export function hearsRinging(turn: Turn): boolean {
  const { state } = turn;
  if (state.phase !== 'dialling') return false;
  return state.ringing.some(({ leg }) => isShown(turn, whoStays(state.transfer), leg));
}
