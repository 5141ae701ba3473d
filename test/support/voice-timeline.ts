import type { HeardPacket } from './media-phone.js';
import { tonesIn } from './media-tones.js';
import { ALL_TONES, nameOf } from './voice-sounds.js';

/** A stretch in which one and the same was heard: a voice, a sound, or several together (`bot+agent`). */
export interface Stretch {
  readonly what: string;
  /** Monotonic ms of the arrival of its first and its last packet. */
  readonly from: number;
  readonly to: number;
}

/** Packets that are looked at together: 60 ms tell tones of 17 Hz apart. */
const WINDOW = 3;
/** Shorter ones are the moment in which one sound goes over into the next. */
const SHORTEST = 4;

/** What was heard, in order; silence is left out, and pauses in the same sound do not cut it. */
export function timeline(packets: readonly HeardPacket[]): Stretch[] {
  const stretches: Stretch[] = [];
  for (const { what, from, to, length } of runs(packets)) {
    const before = stretches.at(-1);
    if (length < SHORTEST || what === '') continue;
    if (before?.what === what) stretches[stretches.length - 1] = { ...before, to };
    else stretches.push({ what, from, to });
  }
  return stretches;
}

/**
 * What is heard at the end of these packets, as {@link timeline} would call it; `''` when there are none, `undefined`
 * while it is just changing.
 */
export function lastHeard(packets: readonly HeardPacket[]): string | undefined {
  if (packets.length === 0) return '';
  const [last, ...before] = runs(packets.slice(1 - WINDOW - SHORTEST));
  return before.length === 0 && last?.length === SHORTEST ? last.what : undefined;
}

interface Run extends Stretch {
  readonly length: number;
}

function runs(packets: readonly HeardPacket[]): Run[] {
  const found: Run[] = [];
  for (let i = WINDOW - 1; i < packets.length; i += 1) {
    const window = packets.slice(i - WINDOW + 1, i + 1);
    const [first, last] = [window[0], window.at(-1)];
    if (first === undefined || last === undefined) break;
    const what = nameOf(tonesIn(samplesOf(window), ALL_TONES));
    const before = found.at(-1);
    if (before?.what === what)
      found[found.length - 1] = { ...before, to: last.at, length: before.length + 1 };
    else found.push({ what, from: first.at, to: last.at, length: 1 });
  }
  return found;
}

const samplesOf = (packets: readonly HeardPacket[]): Int16Array =>
  Int16Array.from(packets.flatMap(({ samples }) => Array.from(samples)));
