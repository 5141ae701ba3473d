import { goalLine, ownCpu } from './goal.js';
import type { Latency, Percentiles } from './latency.js';
import type { Machine } from './machine.js';
import type { Memory } from './memory.js';
import type { Results } from './results.js';
import type { Load } from './rounds.js';
import { sum } from './statistics.js';
import { table } from './table.js';

const NONE = '-';
const ms = (value: number | undefined, digits = 2): string =>
  value === undefined ? NONE : value.toFixed(digits);

/** The run as people read it. */
export function report(results: Results): string {
  const { goal, warnings, memory, latency } = results;
  return [
    machineLines(results.machine),
    ...warnings.map((warning) => `note: ${warning}`),
    loadTable(results),
    cpuTable(results),
    ...ratioLines(results.load),
    memoryTable(memory),
    latencyTable(latency),
    ...(goal === undefined ? [] : [goalLine(goal)]),
  ]
    .filter((part) => part !== '')
    .join('\n\n');
}

function machineLines(machine: Machine): string {
  const { cores, cpu, memoryGb, node, rmemDefault, rmemMax, wmemDefault, wmemMax, load } = machine;
  return [
    `machine: ${cores} cores, ${cpu}, ${memoryGb} GB, node ${node}, load ${load} at the start`,
    `UDP buffers: rmem default ${rmemDefault ?? NONE} max ${rmemMax ?? NONE}, wmem default ${wmemDefault ?? NONE} max ${wmemMax ?? NONE}`,
  ].join('\n');
}

function loadTable({ load, stepSeconds }: Results): string {
  const rows = load.map(({ subject, top, climbs }) => [
    subject,
    String(Math.round(top)),
    climbs.map((climb) => climb.top).join(' '),
    String(
      sum(
        climbs.flatMap(({ steps }) =>
          steps.filter((s) => s.failure === undefined).map((s) => s.retransmissions),
        ),
      ),
    ),
    climbs.at(-1)?.ended ?? '',
  ]);
  return `Highest rate before the first failure, steps of ${stepSeconds} s\n${table(
    ['', 'calls/s (median)', 'rounds', 'retransmissions in passed steps', 'last climb ended'],
    rows,
  )}`;
}

/** Its own processes first, by name; SIPp's, which no subject is to blame for, after the sum. */
function cpuTable({ load, base }: Results): string {
  const row = (label: string, cpu: Readonly<Record<string, number>>): string[] => [
    label,
    ms(ownCpu(cpu)),
    Object.entries(cpu)
      .map(([name, value]) => `${name} ${ms(value)}`)
      .join(', '),
  ];
  const rows = load.flatMap(({ subject, cpuAtBase, cpuAtTop, top }) => [
    row(`${subject}, ${base}/s`, cpuAtBase),
    ...(top > base ? [row(`${subject}, ${Math.round(top)}/s`, cpuAtTop)] : []),
  ]);
  return `CPU per call, ms\n${table(['', 'together', 'of which; SIPp beside it'], rows)}`;
}

/** The engine against the bare B2BUA on the same server. */
function ratioLines(load: readonly Load[]): string[] {
  const pairs = load.flatMap((engine) => {
    const server = /^engine on (.+)$/.exec(engine.subject)?.[1];
    const bare = load.find(
      ({ subject }) => server !== undefined && subject === `bare createB2BUA on ${server}`,
    );
    return server === undefined || bare === undefined ? [] : [{ server, engine, bare }];
  });
  return pairs.map(
    ({ server, engine, bare }) =>
      `engine / bare on ${server}: calls/s x ${ratio(engine.top, bare.top)}, ` +
      `CPU per call x ${ratio(ownCpu(engine.cpuAtBase), ownCpu(bare.cpuAtBase))}`,
  );
}

const ratio = (a: number, b: number): string => (b === 0 ? NONE : (a / b).toFixed(2));

const megabytes = (bytes: number): string => (bytes / 1e6).toFixed(1);

function memoryTable(memory: readonly Memory[]): string {
  const rows = memory.map(({ subject, looks, perThousand, failed, uncollected }) => {
    const name = (process: string): string => (uncollected.includes(process) ? `${process}*` : process);
    const idle = Object.entries(looks[0]?.resident ?? {});
    return [
      subject,
      megabytes(sum(Object.values(perThousand))),
      Object.entries(perThousand)
        .map(([process, bytes]) => `${name(process)} ${megabytes(bytes)}`)
        .join(', '),
      idle.map(([process, bytes]) => `${process} ${megabytes(bytes)}`).join(', '),
      `${looks.at(-1)?.calls ?? 0}${failed > 0 ? ` (${failed} failed)` : ''}`,
    ];
  });
  const uncollected = memory.some((m) => m.uncollected.length > 0);
  return (
    `Resident memory, MB\n${table(['', 'per 1,000 calls', 'of which', 'idle', 'calls held'], rows)}` +
    (uncollected ? '\n* its garbage could not be collected from outside: the figure includes it' : '')
  );
}

function latencyTable(latency: readonly Latency[]): string {
  const line = (label: string, { p50, p95, p99 }: Percentiles): string[] => [
    label,
    ms(p50),
    ms(p95),
    ms(p99),
  ];
  const rows = latency.flatMap(({ subject, lost, invite, command, http }) => [
    line(`${subject}: command -> INVITE on the wire${lost > 0 ? ` (${lost} lost)` : ''}`, invite),
    line(`${subject}: command -> 202`, command),
    line(`${subject}: GET /healthz`, http),
  ]);
  return `Latency, ms, ${latency[0]?.transfers ?? 0} transfers one at a time on live calls\n${table(['', 'p50', 'p95', 'p99'], rows)}`;
}
