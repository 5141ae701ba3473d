import type { LegId } from './ids.js';
import type { Refusal } from './outcome.js';
import { mediaKey, unbound, type LocalSdp } from '../sip/sdp.js';
import type { Sound } from './sound.js';

/**
 * One SIP dialog of a call. A leg that is in the ledger is still ours to close; the last word of the far end, or
 * of our own deadline, takes it out.
 *
 *              (caller)                     (bot, agents)
 *            +---------+                     +----------+
 *   INVITE ->| offered |            dial --> | inviting |
 *            +---------+                     +----------+
 *        answer |   | reject        answered |   | we gave up
 *               v   |                        v   v
 *            +----+ |                   +----+ +------------+
 *            | up | |                   | up | | cancelling |
 *            +----+ |                   +----+ +------------+
 *            bye |  |                 bye |      | answered all the same: BYE
 *                v  v                     v      v
 *              +---------+             +---------+
 *              | closing |             | closing |      any phase: refused, hungUp, closed, lost -> gone
 *              +---------+             +---------+
 */
export type Leg =
  | { readonly phase: 'offered'; readonly media: Media }
  | { readonly phase: 'inviting'; readonly media: Media }
  | { readonly phase: 'cancelling' }
  | { readonly phase: 'up'; readonly media: Media }
  | { readonly phase: 'closing' };

export type LegPhase = Leg['phase'];

/** Between the parties, or through endpoints of ours at a media server: the same for all legs of a call. */
export type Media = DirectMedia | AnchoredMedia;

/** Offer and answer on one leg: what either side last said, and what this leg ought to be told. */
export interface DirectMedia {
  readonly path: 'direct';
  /** What the far end last said, offer or answer, word for word; `null` before it said anything. */
  readonly said: string | null;
  /** The same as the far end would have it: an answer as if our offer had left it free. */
  readonly remote: string | null;
  /** Key of `remote`: a partner that is shown this is shown this leg as it is now. */
  readonly remoteKey: string | null;
  /** The last full offer of the far end: all it can do, not only what it last agreed to. */
  readonly capabilities: string | null;
  readonly local: LocalSdp;
  /** Key of what `local` presents: another party's media, or `held`; `null` = nothing yet. */
  readonly shown: string | null;
  /** What this leg should be shown. */
  readonly want: Want;
  readonly negotiation: Negotiation;
  /** Offers of ours since `want` last changed; bounded, so that two parties who never agree cannot keep us busy. */
  readonly rounds: number;
}

export type Want = { readonly kind: 'peer'; readonly leg: LegId } | { readonly kind: 'held' };

/**
 * A leg that ends at an endpoint of ours: its session description is between it and the endpoint, and the engine
 * sees to that. Here is only who hears whom.
 */
export interface AnchoredMedia {
  readonly path: 'anchored';
  /** The endpoint knows where the far end's media is: it can hear, and be heard. */
  readonly open: boolean;
  readonly want: AnchoredWant;
  readonly has: Has;
}

/** What an anchored leg should hear; `n` tells one playing, or one conference, from every other. */
export type AnchoredWant =
  | Want
  | { readonly kind: 'sound'; readonly sound: Sound; readonly n: number }
  | { readonly kind: 'conference'; readonly n: number };

/**
 * What it hears as far as we know; a `change` is under way until the media server has answered (`nowhere`: it was
 * asked of an endpoint that is gone since).
 */
export type Has =
  | { readonly state: 'silent' }
  | { readonly state: 'peer'; readonly leg: LegId }
  | { readonly state: 'sound'; readonly n: number }
  | { readonly state: 'conference'; readonly n: number }
  | { readonly state: 'changing'; readonly change: number; readonly to: Place | 'nowhere' }
  | { readonly state: 'refused'; readonly to: Place; readonly refusal: Refusal };

/** A leg it is bridged to, or the number of a conference. */
export type Place = LegId | number;

/** At most one offer is open on a dialog at a time (RFC 3264 4, RFC 3261 14). */
export type Negotiation =
  | { readonly state: 'stable' }
  /** Our re-INVITE is out. `relay`: the party whose own offer waits for its result. */
  | {
      readonly state: 'offering';
      readonly key: string;
      readonly local: LocalSdp;
      readonly relay: LegId | null;
      readonly tries: number;
    }
  /** 491: our re-INVITE met theirs; tried again when the leg's glare timer fires (RFC 3261 14.1). */
  | { readonly state: 'backoff'; readonly tries: number }
  /** The far end's offer waits until the partner has answered it. */
  | { readonly state: 'relaying'; readonly offerId: number; readonly sdp: string }
  /** The far end refused `key` for good: it is not offered again until something else is wanted. */
  | { readonly state: 'refused'; readonly key: string; readonly refusal: Refusal }
  /** Late offer: our 200 carried the offer, its answer comes in the ACK. */
  | { readonly state: 'ackAwaited' }
  /** Late offer: the 2xx we got carried the offer, our ACK owes the answer. */
  | { readonly state: 'ackOwed' };

export const HELD = 'held';
export const STABLE: Negotiation = { state: 'stable' };

/** A leg that can take part in a new exchange: no offer open in either direction. */
export function isFree(media: DirectMedia): boolean {
  return media.negotiation.state === 'stable' || media.negotiation.state === 'refused';
}

/** The far end has said `sdp`; `offer`: what of ours it answers, if it does. */
export function heard(sdp: string, offer: string | null): Pick<DirectMedia, 'said' | 'remote' | 'remoteKey'> {
  const remote = unbound(sdp, offer);
  return { said: sdp, remote, remoteKey: mediaKey(remote) };
}

export const freshMedia = (
  sessionId: number,
  host: string,
  want: Want,
  remote: string | null,
): DirectMedia => ({
  path: 'direct',
  said: remote,
  remote,
  remoteKey: remote === null ? null : mediaKey(remote),
  capabilities: remote,
  local: { sessionId, version: 1, host, body: null },
  shown: null,
  want,
  negotiation: STABLE,
  rounds: 0,
});

export const freshAnchored = (want: AnchoredWant, open: boolean): AnchoredMedia => ({
  path: 'anchored',
  open,
  want,
  has: { state: 'silent' },
});

/** The far end has said where its media is. */
export const isOpen = (media: Media): boolean =>
  media.path === 'anchored' ? media.open : media.remote !== null;

export function sameWant(a: AnchoredWant, b: AnchoredWant): boolean {
  if (a.kind === 'peer') return b.kind === 'peer' && a.leg === b.leg;
  return a.kind === 'held' ? b.kind === 'held' : b.kind === a.kind && a.n === b.n;
}

/** The same where legs have changed names. */
export function renamed(has: Has, other: (leg: LegId) => LegId): Has {
  if (has.state === 'peer') return { ...has, leg: other(has.leg) };
  if (has.state === 'silent' || has.state === 'sound' || has.state === 'conference') return has;
  return typeof has.to === 'number' || has.to === 'nowhere' ? has : { ...has, to: other(has.to) };
}
