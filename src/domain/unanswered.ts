import { answerDirections, checkSdp, present } from '../sip/sdp.js';
import type { EndedBy } from './bot-event.js';
import type { SipStatus } from './effect.js';
import type { LegId } from './ids.js';
import { STABLE } from './leg.js';
import { mapStatus } from './outcome-table.js';
import { T } from './timing.js';
import type { Turn } from './turn.js';

/** A caller whose INVITE is open: what it hears of the far end, and how it is answered. */

/** 18x of whoever is called, with its early media where the caller can use it. */
export function passProgress(turn: Turn, code: number, reason: string, sdp: string | null): void {
  if (turn.legs.get('caller')?.phase !== 'offered') return;
  const caller = turn.media('caller');
  // Early media only as the answer to the caller's own offer: an unreliable 18x cannot carry one (RFC 3261 13.2.1).
  const usable = sdp !== null && caller?.remote != null && checkSdp(sdp) === null;
  if (usable) turn.setMedia('caller', { local: present(caller.local, sdp, caller.remote, true) });
  const local = usable ? (turn.media('caller')?.local.body ?? null) : null;
  turn.effect({ type: 'ring', leg: 'caller', code, reason, sdp: local });
}

/** 200 with the partner's answer, or, when the leg left the offer to us, with the partner's offer. */
export function answerWith(turn: Turn, id: LegId, partner: LegId): void {
  const leg = turn.legs.get(id);
  const other = turn.up(partner);
  if (leg?.phase !== 'offered' || other?.remote == null) return;
  const offer = leg.media.remote;
  const late = offer === null;
  const answer = late ? other.remote : answerDirections(other.remote, offer);
  const local = present(leg.media.local, answer, offer, !late);
  const negotiation = late ? ({ state: 'ackAwaited' } as const) : STABLE;
  turn.legs.set(id, { phase: 'up', media: { ...leg.media, local, shown: other.remoteKey, negotiation } });
  if (late) turn.start(`ack:${id}`, T.ackMs);
  turn.effect({ type: 'answer', leg: id, sdp: local.body ?? '' });
}

/** Ends the call with a final failure to the caller's INVITE, in the code and words its own trunk wants. */
export function turnAway(turn: Turn, by: EndedBy, status: SipStatus): void {
  const { code, reason } = mapStatus(turn.call.setup.statusMap, status);
  turn.end(by, { sipCode: code, q850: null, text: reason });
}
