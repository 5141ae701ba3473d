import type { HeardPacket } from './media-phone.js';
import { shareAt } from './media-tones.js';

/** A tone that was heard without a break. */
export interface Run {
  /** Hz. */
  readonly hz: number;
  /** Monotonic ms: its first and last packet. */
  readonly from: number;
  readonly to: number;
  /** How much of it was heard. */
  readonly ms: number;
}

const PACKET_MS = 20;
/** In samples. */
const PACKET = 160;
/** A packet that is half one thing and half the other belongs to neither. */
const CLEAR = 0.5;
/** What is shorter is the edge of something else. */
const SHORTEST_MS = 60;
/** A packet lost or unclear in the middle of a tone is no end of it. */
const LONGEST_HOLE = 3 * PACKET;

/**
 * What was heard of these tones, run by run; a tone that is heard again after another one, or silence, is another run.
 * What lies between two packets goes by their timestamps, not by their arrival: a machine that is busy hears in bursts.
 */
export function runsOf(packets: readonly HeardPacket[], tones: readonly number[]): readonly Run[] {
  const runs: (Run & { readonly timestamp: number })[] = [];
  for (const { at, samples, timestamp } of packets) {
    const hz = tones.find((tone) => shareAt(samples, tone) > CLEAR);
    if (hz === undefined) continue;
    const last = runs.at(-1);
    const goesOn = last?.hz === hz && Math.abs(timestamp - last.timestamp) <= LONGEST_HOLE;
    if (goesOn) runs[runs.length - 1] = { ...last, to: at, ms: last.ms + PACKET_MS, timestamp };
    else runs.push({ hz, from: at, to: at, ms: PACKET_MS, timestamp });
  }
  return runs.filter(({ ms }) => ms >= SHORTEST_MS);
}
