import { REAL, type Engine } from './world.js';

export interface Breakage {
  readonly name: string;
  /** What is broken, in one sentence. */
  readonly what: string;
  engine(): Engine;
}

export const BREAKAGES: readonly Breakage[] = [{ name: 'none', what: 'nothing', engine: () => REAL }];
