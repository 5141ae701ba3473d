import type { LadderEntry } from '../../../ports/ladder.js';

/** A message between two participants, ready to be drawn. */
export interface Arrow {
  readonly from: string;
  readonly to: string;
  readonly label: string;
  /** Seconds since the first message, with milliseconds: `+1.250`. */
  readonly time: string;
}

/** Our own column. */
export const ENGINE = 'switchhook';

export function arrowsOf(entries: readonly LadderEntry[]): readonly Arrow[] {
  const start = entries[0]?.at ?? 0;
  return entries.map((entry) => ({
    from: entry.direction === 'in' ? entry.leg : ENGINE,
    to: entry.direction === 'in' ? ENGINE : entry.leg,
    label: plain(entry.text) + (entry.sdp ? ' (SDP)' : ''),
    time: `+${((entry.at - start) / 1000).toFixed(3)}`,
  }));
}

/** The caller left of us, everyone else to the right in the order they came. */
export function participantsOf(entries: readonly LadderEntry[]): readonly string[] {
  const legs = [...new Set(entries.map((entry) => entry.leg))];
  return [...legs.filter((leg) => leg === 'caller'), ENGINE, ...legs.filter((leg) => leg !== 'caller')];
}

/** Reason phrases come from the network: no control character of theirs may reach a terminal. */
export const plain = (text: string): string => text.replace(/[^\x20-\x7e]/g, '?');
