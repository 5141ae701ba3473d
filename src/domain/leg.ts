import type { LegId } from './ids.js';
import type { Refusal } from './outcome.js';
import { mediaKey, unbound, type LocalSdp } from '../sip/sdp.js';

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

/** Offer and answer on one leg: what either side last said, and what this leg ought to be told. */
export interface Media {
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
export function isFree(media: Media): boolean {
  return media.negotiation.state === 'stable' || media.negotiation.state === 'refused';
}

/** The far end has said `sdp`; `offer`: what of ours it answers, if it does. */
export function heard(sdp: string, offer: string | null): Pick<Media, 'said' | 'remote' | 'remoteKey'> {
  const remote = unbound(sdp, offer);
  return { said: sdp, remote, remoteKey: mediaKey(remote) };
}

export const freshMedia = (sessionId: number, host: string, want: Want, remote: string | null): Media => ({
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
