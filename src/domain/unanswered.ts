import { answerDirections, checkSdp, present } from '../sip/sdp.js';
import type { LegId } from './ids.js';
import { STABLE, type AnchoredMedia } from './leg.js';
import { T } from './timing.js';
import type { Turn } from './turn.js';

/** A caller whose INVITE is open: what it hears of the far end, and how it is answered. */

/** 18x of whoever is called, with its early media where the caller can use it. */
export function passProgress(turn: Turn, code: number, reason: string, sdp: string | null): void {
  if (turn.legs.get('caller')?.phase !== 'offered') return;
  const anchored = turn.anchored('caller');
  if (anchored !== null) {
    // Its endpoint answers, where it has made an offer; what it hears is settled elsewhere.
    const early = sdp !== null && anchored.open ? '' : null;
    return turn.effect({ type: 'ring', leg: 'caller', code, reason, sdp: early });
  }
  const caller = turn.media('caller');
  if (caller?.path !== 'direct') return;
  // Early media only as the answer to the caller's own offer: an unreliable 18x cannot carry one (RFC 3261 13.2.1).
  const usable = sdp !== null && caller.remote !== null && checkSdp(sdp) === null;
  if (usable) turn.setMedia('caller', { local: present(caller.local, sdp, caller.remote, true) });
  const now = turn.media('caller');
  const local = usable && now?.path === 'direct' ? now.local.body : null;
  turn.effect({ type: 'ring', leg: 'caller', code, reason, sdp: local });
}

/** 200 with the partner's answer, or, when the leg left the offer to us, with the partner's offer. */
export function answerWith(turn: Turn, id: LegId, partner: LegId): void {
  const leg = turn.legs.get(id);
  if (leg?.phase !== 'offered') return;
  if (leg.media.path === 'anchored') return answerAnchored(turn, id, leg.media);
  const other = turn.direct(partner);
  if (other?.remote == null) return;
  const offer = leg.media.remote;
  const late = offer === null;
  const answer = late ? other.remote : answerDirections(other.remote, offer);
  const local = present(leg.media.local, answer, offer, !late);
  const negotiation = late ? ({ state: 'ackAwaited' } as const) : STABLE;
  turn.legs.set(id, { phase: 'up', media: { ...leg.media, local, shown: other.remoteKey, negotiation } });
  if (late) turn.start(`ack:${id}`, T.ackMs);
  turn.effect({ type: 'answer', leg: id, sdp: local.body ?? '' });
}

/** 200 with its endpoint's own session description; `''` stands for that. */
function answerAnchored(turn: Turn, id: LegId, media: AnchoredMedia): void {
  turn.legs.set(id, { phase: 'up', media });
  if (!media.open) turn.start(`ack:${id}`, T.ackMs);
  turn.effect({ type: 'answer', leg: id, sdp: '' });
}
