import type { Load } from './rounds.js';
import { sum } from './statistics.js';

/** What the engine and its embedded server together must not exceed, and must reach without a failed call. */
const CPU_MS = 1.2;
const CALLS_PER_SECOND = 1300;

/** CPU of what stands between the callers and the bot: everything but SIPp. */
export const ownCpu = (cpu: Readonly<Record<string, number>>): number =>
  sum(Object.entries(cpu).flatMap(([name, ms]) => (name.startsWith('SIPp') ? [] : ms)));

export interface Goal {
  readonly reached: boolean;
  readonly cpuMsPerCall: number;
  readonly callsPerSecond: number;
}

/** CPU at the base rate, where every run of every machine can be compared; calls per second without a failure. */
export function goalOf(engine: Load): Goal {
  const cpuMsPerCall = ownCpu(engine.cpuAtBase);
  const callsPerSecond = engine.top;
  return {
    // A run in which nothing succeeded cost nothing.
    reached: cpuMsPerCall > 0 && cpuMsPerCall <= CPU_MS && callsPerSecond >= CALLS_PER_SECOND,
    cpuMsPerCall,
    callsPerSecond,
  };
}

export const goalLine = ({ reached, cpuMsPerCall, callsPerSecond }: Goal): string =>
  `goal: <= ${CPU_MS} ms and >= ${CALLS_PER_SECOND} calls/s: ${reached ? 'reached' : 'not reached'} ` +
  `(${cpuMsPerCall.toFixed(2)} ms, ${Math.round(callsPerSecond)} calls/s)`;
