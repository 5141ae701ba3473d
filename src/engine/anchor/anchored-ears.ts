import type { Clock, Random } from '../../ports/clock.js';
import type { EndpointEvent, Media } from '../../ports/media.js';
import type { LegListener } from '../../ports/signalling.js';
import type { AnchorParts } from './anchor.js';

/** What became of a leg's endpoint, for the call. */
export type AnchorEvent =
  | { readonly type: 'digit'; readonly digit: string }
  | Extract<EndpointEvent, { type: 'recordingStopped' }>
  | { readonly type: 'mediaReset' }
  | { readonly type: 'mediaLost'; readonly reason: string };

export interface AnchoredLegParts extends Pick<AnchorParts, 'media'> {
  readonly after: (ms: number, fire: () => void) => () => void;
  readonly random: () => number;
  /** Server of the caller's endpoint; `null` where there is no caller to be near. */
  readonly beside: (() => Promise<string>) | null;
}

/** What the legs of a call need for endpoints; `null`: its media is the parties' own. */
export function anchorsOf(
  media: 'direct' | 'anchored',
  parts: { readonly media: Media | null; readonly clock: Clock; readonly random: Random },
  beside: AnchoredLegParts['beside'],
): AnchoredLegParts | null {
  if (media === 'direct' || parts.media === null) return null;
  const { clock, random } = parts;
  return {
    media: parts.media,
    after: (ms, fire) => clock.after(ms, fire),
    random: () => random.next(),
    beside,
  };
}

/** Whom the leg tells. */
export interface AnchoredEars {
  listener: LegListener;
  media: (event: AnchorEvent) => void;
}
