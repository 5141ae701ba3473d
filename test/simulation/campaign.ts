import { play } from './schedule.js';
import { Violation } from './violation.js';
import { REAL, type Engine } from './world.js';

export interface Report {
  readonly schedules: number;
  readonly steps: number;
  readonly perSecond: number;
  /** The first schedule that broke a promise. */
  readonly broken: { readonly seed: number; readonly promise: string } | null;
}

/** Plays `count` schedules from seed `from`, or until one breaks a promise. */
export function campaign(from: number, count: number, engine: Engine = REAL, mortality = 0): Report {
  const begun = performance.now();
  let steps = 0;
  let broken: Report['broken'] = null;
  let seed = from;
  for (; seed < from + count && broken === null; seed += 1) {
    try {
      steps += play(seed, engine, null, mortality).steps;
    } catch (error) {
      if (!(error instanceof Violation)) throw new Error(`seed ${seed}`, { cause: error });
      broken = { seed, promise: error.message };
    }
  }
  const schedules = seed - from;
  return {
    schedules,
    steps,
    perSecond: Math.round((schedules / (performance.now() - begun)) * 1000),
    broken,
  };
}

export const replayCommand = (seed: number): string => `npx tsx test/simulation/replay.ts ${seed}`;
