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
  const runs: Run[] = [];
  let current: Run | null = null;
  for (const { at, samples } of packets) {
    const hz = tones.find((tone) => shareAt(samples, tone) > CLEAR) ?? null;
    if (current !== null && hz === current.hz) current = { ...current, to: at, ms: current.ms + PACKET_MS };
    else {
      if (current !== null) runs.push(current);
      current = hz === null ? null : { hz, from: at, to: at, ms: PACKET_MS };
    }
  }
  if (current !== null) runs.push(current);
  return joined(runs).filter(({ ms }) => ms >= SHORTEST_MS);
}

/** A packet lost or unclear in the middle of a tone is no end of it. */
function joined(runs: readonly Run[]): readonly Run[] {
  return runs.reduce<Run[]>((all, run) => {
    const last = all.at(-1);
    if (last?.hz !== run.hz || run.from - last.to > 3 * PACKET_MS) return [...all, run];
    return [...all.slice(0, -1), { ...last, to: run.to, ms: last.ms + run.ms }];
  }, []);
}
