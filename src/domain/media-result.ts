import { checkSdp } from '../sip/sdp.js';
import type { LegId } from './ids.js';
import { heard, STABLE } from './leg.js';
import { acceptRelayed, refuseRelayed } from './media-relay.js';
import { offerShown } from './media-send.js';
import type { Refusal } from './outcome.js';
import { partyGone } from './parties.js';
import type { Turn } from './turn.js';

/** Attempts at one re-INVITE that keeps meeting theirs. */
const MAX_GLARE = 5;

/** 2xx to our re-INVITE. */
export function onReofferAccepted(turn: Turn, id: LegId, sdp: string | null): void {
  const media = turn.direct(id);
  if (media?.negotiation.state !== 'offering') return;
  const problem = sdp === null ? 'the answer carries no session description' : checkSdp(sdp);
  if (sdp === null || problem !== null) {
    onReofferRefused(turn, id, {
      code: 488,
      reason: problem ?? '',
      q850: null,
      retryAfterMs: null,
      by: 'far_end',
    });
    return;
  }
  const { key, local, relay } = media.negotiation;
  turn.setMedia(id, { ...heard(sdp, local.body), local, shown: key, negotiation: STABLE });
  if (relay !== null) acceptRelayed(turn, relay, id, sdp);
}

/** Final failure of our re-INVITE; the session stays as it was (RFC 3261 14.1). */
export function onReofferRefused(turn: Turn, id: LegId, refusal: Refusal): void {
  const media = turn.direct(id);
  if (media?.negotiation.state !== 'offering') return;
  const { key, local, relay, tries } = media.negotiation;
  // The refused offer has used up its version number (RFC 3264 8).
  turn.setMedia(id, { local: { ...media.local, version: local.version }, negotiation: STABLE });
  if (relay !== null) refuseRelayed(turn, relay, refusal);
  if (refusal.code === 481 || refusal.code === 408) dialogDead(turn, id, refusal);
  else if (relay !== null) return;
  else if (refusal.code === 491 && tries < MAX_GLARE) backOff(turn, id, tries + 1);
  else turn.setMedia(id, { negotiation: { state: 'refused', key, refusal } });
}

/** 481, or no answer to a request inside the dialog: the dialog is over (RFC 3261 12.2.1.2). */
function dialogDead(turn: Turn, id: LegId, refusal: Refusal): void {
  turn.release(id, { sipCode: refusal.code, q850: null, text: 'dialog lost' });
  partyGone(turn, id, { q850: refusal.q850, reason: refusal.reason });
}

/** RFC 3261 14.1: who made the Call-ID waits 2.1-4 s, the other 0-2 s. On the caller's dialog that is the caller. */
function backOff(turn: Turn, id: LegId, tries: number): void {
  turn.setMedia(id, { negotiation: { state: 'backoff', tries } });
  turn.start(`glare:${id}`, id === 'caller' ? { from: 0, to: 2000 } : { from: 2100, to: 4000 });
}

/** The back-off is over: the leg is free again, and offered what it lacks if it still lacks it. */
export function onGlareTimer(turn: Turn, id: LegId, key: string | null): void {
  const media = turn.direct(id);
  if (media?.negotiation.state !== 'backoff') return;
  const { tries } = media.negotiation;
  turn.setMedia(id, { negotiation: STABLE });
  const free = turn.direct(id);
  if (free !== null && key !== null && key !== free.shown) offerShown(turn, id, free, key, tries);
}
