import { cpus, loadavg, totalmem } from 'node:os';
import { sysctl } from './proc.js';

/** What the figures depend on besides the programs. */
export interface Machine {
  readonly cores: number;
  readonly cpu: string;
  readonly memoryGb: number;
  readonly node: string;
  readonly rmemDefault: number | undefined;
  readonly rmemMax: number | undefined;
  readonly wmemDefault: number | undefined;
  readonly wmemMax: number | undefined;
  /** Of the last minute, when the run began. */
  readonly load: number;
}

export function machine(): Machine {
  const all = cpus();
  return {
    cores: all.length,
    cpu: all[0]?.model.trim() ?? 'unknown',
    memoryGb: Math.round(totalmem() / 2 ** 30),
    node: process.version,
    rmemDefault: sysctl('net.core.rmem_default'),
    rmemMax: sysctl('net.core.rmem_max'),
    wmemDefault: sysctl('net.core.wmem_default'),
    wmemMax: sysctl('net.core.wmem_max'),
    load: Number((loadavg()[0] ?? 0).toFixed(2)),
  };
}

/** Below this a burst of some thousand datagrams does not fit. */
const AMPLE_BYTES = 4 * 1024 * 1024;
/** More runnable threads than this before we have started anything: the figures are somebody else's too. */
const QUIET_LOAD = 0.5;

/** What the reader of the figures must know about this machine. */
export function warnings({ rmemMax, wmemMax, load, cores }: Machine): string[] {
  const low = [rmemMax, wmemMax].some((bytes) => bytes !== undefined && bytes < AMPLE_BYTES);
  return [
    ...(low
      ? [
          'UDP buffers are limited (net.core.rmem_max / wmem_max): bursts will be dropped, whoever serves them. ' +
            'Raise them before you compare: sysctl -w net.core.rmem_max=8388608 net.core.wmem_max=8388608',
        ]
      : []),
    ...(load > QUIET_LOAD
      ? [
          `the machine was busy at the start (load ${load} on ${cores} cores): the figures are too pessimistic`,
        ]
      : []),
  ];
}
