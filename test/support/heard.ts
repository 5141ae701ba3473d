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
/** A packet that is half one thing and half the other belongs to neither. */
const CLEAR = 0.5;
/** What is shorter is the edge of something else. */
const SHORTEST_MS = 60;

/** What was heard of these tones, run by run; a tone that is heard again after another one, or silence, is another run. */
export function runsOf(packets: readonly HeardPacket[], tones: readonly number[]): readonly Run[] {
  const clear = packets.flatMap(({ at, samples }): Run[] => {
    const hz = tones.find((tone) => shareAt(samples, tone) > CLEAR);
    return hz === undefined ? [] : [{ hz, from: at, to: at, ms: PACKET_MS }];
  });
  return joined(clear).filter(({ ms }) => ms >= SHORTEST_MS);
}

/** A packet lost or unclear in the middle of a tone is no end of it. */
function joined(runs: readonly Run[]): readonly Run[] {
  const all: Run[] = [];
  for (const run of runs) {
    const last = all.at(-1);
    if (last?.hz !== run.hz || run.from - last.to > 3 * PACKET_MS) all.push(run);
    else all[all.length - 1] = { ...last, to: run.to, ms: last.ms + run.ms };
  }
  return all;
}
