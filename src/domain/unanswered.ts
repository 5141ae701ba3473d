import { answerDirections, checkSdp, present, type LocalSdp } from '../sip/sdp.js';
import type { EndedBy } from './bot-event.js';
import type { SipStatus } from './effect.js';
import type { LegId } from './ids.js';
import { STABLE, type Media } from './leg.js';
import { mapStatus } from './outcome-table.js';
import { T } from './timing.js';
import type { Turn } from './turn.js';

/** A caller whose INVITE is open: what it hears of the far end, and how it is answered. */

/** 18x of whoever is called, with its early media where the caller can use it. */
export function passProgress(turn: Turn, code: number, reason: string, sdp: string | null): void {
  const leg = turn.legs.get('caller');
  if (leg?.phase !== 'offered') return;
  const early = sdp === null ? null : earlyAnswer(leg.media, sdp);
  if (early !== null) turn.setMedia('caller', { local: early });
  turn.effect({ type: 'ring', leg: 'caller', code, reason, sdp: early?.body ?? null });
}

/**
 * Early media as the answer to the caller's own offer, for an unreliable 18x cannot carry one; and the first answer
 * counts, so nobody else's can follow it before the 2xx (RFC 3261 13.2.1).
 */
function earlyAnswer({ remote, local }: Media, sdp: string): LocalSdp | null {
  if (remote === null || checkSdp(sdp) !== null) return null;
  const answer = present(local, sdp, remote, true);
  return local.body === null || answer === local ? answer : null;
}

/**
 * 200 with the partner's answer, or, when the leg left the offer to us, with the partner's offer. Early media was an
 * answer already, whoever's it was, and the 200 has to repeat it (RFC 3261 13.2.1): a re-INVITE brings what is new.
 */
export function answerWith(turn: Turn, id: LegId, partner: LegId): void {
  const leg = turn.legs.get(id);
  const other = turn.up(partner);
  if (leg?.phase !== 'offered' || other?.remote == null) return;
  const offer = leg.media.remote;
  const late = offer === null;
  const answer = late ? other.remote : answerDirections(other.remote, offer);
  const early = leg.media.local;
  const fresh = present(early, answer, offer, !late);
  const isNews = early.body !== null && fresh !== early;
  const local = isNews ? early : fresh;
  const shown = isNews ? null : other.remoteKey;
  const negotiation = late ? ({ state: 'ackAwaited' } as const) : STABLE;
  turn.legs.set(id, { phase: 'up', media: { ...leg.media, local, shown, negotiation } });
  if (late) turn.start(`ack:${id}`, T.ackMs);
  turn.effect({ type: 'answer', leg: id, sdp: local.body ?? '' });
}

/** Ends the call with a final failure to the caller's INVITE, in the code and words its own trunk wants. */
export function turnAway(turn: Turn, by: EndedBy, status: SipStatus): void {
  const { code, reason } = mapStatus(turn.call.setup.statusMap, status);
  turn.end(by, { sipCode: code, q850: null, text: reason });
}
