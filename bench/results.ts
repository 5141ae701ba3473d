import type { Goal } from './goal.js';
import type { Latency } from './latency.js';
import type { Machine } from './machine.js';
import type { Memory } from './memory.js';
import type { Load } from './rounds.js';

/** Everything a run found out: what `--json` writes and the tables are made of. */
export interface Results {
  readonly startedAt: string;
  readonly seconds: number;
  readonly machine: Machine;
  readonly warnings: readonly string[];
  readonly base: number;
  readonly stepSeconds: number;
  readonly load: readonly Load[];
  readonly memory: readonly Memory[];
  readonly latency: readonly Latency[];
  readonly goal: Goal | undefined;
}
