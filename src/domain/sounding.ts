import type { LegId } from './ids.js';
import type { AnchoredMedia, Has, Place } from './leg.js';
import type { Refusal } from './outcome.js';
import type { Turn } from './turn.js';

/**
 * Who hears what in an anchored call, as a reconciler: every leg with an endpoint has something it *wants* to hear
 * and something it *has*. Whenever the two differ and no change is under way on it, the media server is asked. The
 * counterpart of `media.ts`, with bridges and sounds in the place of session descriptions.
 */
export function convergeAnchored(turn: Turn): void {
  for (const id of turn.legs.keys()) leaveTheGone(turn, id);
  for (const id of turn.legs.keys()) {
    const media = turn.anchored(id);
    if (media?.open !== true || media.has.state === 'changing') continue;
    hear(turn, id, media);
  }
}

function hear(turn: Turn, id: LegId, { want, has }: AnchoredMedia): void {
  switch (want.kind) {
    case 'held':
      if (has.state === 'silent') return;
      leavePartner(turn, id, has);
      setHas(turn, id, { state: 'silent' });
      turn.effect({ type: 'hush', leg: id });
      return;
    case 'sound':
      if (has.state === 'sound' && has.n === want.n) return;
      leavePartner(turn, id, has);
      setHas(turn, id, { state: 'sound', n: want.n });
      turn.effect({ type: 'play', leg: id, n: want.n, sound: want.sound });
      return;
    case 'conference':
      return joinConference(turn, id, has, want.n);
    case 'peer':
      return bridge(turn, id, has, want.leg);
  }
}

function bridge(turn: Turn, id: LegId, has: Has, partner: LegId): void {
  const other = turn.anchored(partner);
  if (other?.open !== true || !wants(other, id)) return;
  if (other.has.state === 'changing' || has.state === 'changing') return;
  if (isWith(has, partner) && isWith(other.has, id)) return;
  if (isRefused(has, partner) || isRefused(other.has, id)) return;
  leavePartner(turn, id, has);
  leavePartner(turn, partner, other.has);
  const change = turn.nextNumber();
  setHas(turn, id, { state: 'changing', change, to: partner });
  setHas(turn, partner, { state: 'changing', change, to: id });
  turn.effect({ type: 'bridge', leg: id, with: partner, change });
}

function joinConference(turn: Turn, id: LegId, has: Has, n: number): void {
  if (has.state === 'conference' && has.n === n) return;
  if (isRefused(has, n)) return;
  leavePartner(turn, id, has);
  const change = turn.nextNumber();
  setHas(turn, id, { state: 'changing', change, to: n });
  turn.effect({ type: 'join', leg: id, conference: n, change });
}

/** The media server's answer to a bridge or a conference. A leg that has gone meanwhile leaves the other in silence. */
export function onChanged(turn: Turn, change: number, result: 'done' | 'lost' | Refusal): void {
  for (const id of turn.legs.keys()) {
    const has = turn.anchored(id)?.has;
    if (has?.state !== 'changing' || has.change !== change) continue;
    if (result === 'lost' || has.to === 'nowhere') setHas(turn, id, { state: 'silent' });
    else if (result === 'done') setHas(turn, id, hasNow(has.to));
    else setHas(turn, id, { state: 'refused', to: has.to, refusal: result });
  }
}

const hasNow = (to: Place): Has =>
  typeof to === 'number' ? { state: 'conference', n: to } : { state: 'peer', leg: to };

/** Its endpoint is a new one, on another server perhaps: nothing of what it heard is left. */
export function onMediaReset(turn: Turn, id: LegId): void {
  const media = turn.anchored(id);
  if (media === null) return;
  leavePartner(turn, id, media.has);
  const { has } = media;
  // What is under way was asked of the endpoint before this one.
  setHas(turn, id, has.state === 'changing' ? { ...has, to: 'nowhere' } : { state: 'silent' });
  for (const other of turn.legs.keys()) turn.forgive(other, id);
}

export const isWith = (has: Has, leg: LegId): boolean => has.state === 'peer' && has.leg === leg;

const isRefused = (has: Has, to: Place): has is Extract<Has, { state: 'refused' }> =>
  has.state === 'refused' && has.to === to;

function setHas(turn: Turn, id: LegId, has: Has): void {
  turn.setAnchored(id, { has });
}

/** Whoever was bridged to a leg that goes elsewhere hears nothing from then on. */
function leavePartner(turn: Turn, id: LegId, has: Has): void {
  if (has.state !== 'peer') return;
  const other = turn.anchored(has.leg);
  if (other !== null && isWith(other.has, id)) setHas(turn, has.leg, { state: 'silent' });
}

/** The other end of a bridge has left the call. */
function leaveTheGone(turn: Turn, id: LegId): void {
  const has = turn.anchored(id)?.has;
  if (has?.state === 'peer' && turn.anchored(has.leg) === null) setHas(turn, id, { state: 'silent' });
}

/** Who could not be brought into the conference the caller should be in. */
export function refusedConference(turn: Turn): { leg: LegId; refusal: Refusal } | null {
  const wanted = turn.anchored('caller')?.want;
  if (wanted?.kind !== 'conference') return null;
  for (const leg of turn.legs.keys()) {
    const media = turn.anchored(leg);
    if (media?.want.kind !== 'conference' || media.want.n !== wanted.n) continue;
    if (media.has.state === 'refused') return { leg, refusal: media.has.refusal };
  }
  return null;
}

/** Whom of two who want each other the media server could not connect. */
export function stuckAnchored(turn: Turn, a: LegId, b: LegId): { leg: LegId; refusal: Refusal } | null {
  const [one, two] = [turn.anchored(a), turn.anchored(b)];
  if (one === null || two === null || !wants(one, b) || !wants(two, a)) return null;
  if (isRefused(one.has, b)) return { leg: b, refusal: one.has.refusal };
  return isRefused(two.has, a) ? { leg: b, refusal: two.has.refusal } : null;
}

const wants = ({ want }: AnchoredMedia, leg: LegId): boolean => want.kind === 'peer' && want.leg === leg;
