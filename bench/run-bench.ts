import { bareSubject } from './bare-subject.js';
import { engineSubject, engineWithRedis } from './engine-subject.js';
import { goalOf } from './goal.js';
import { machine, warnings } from './machine.js';
import { measureLatency, type Latency } from './latency.js';
import { measureMemory, type Memory, type MemoryOptions } from './memory.js';
import type { BenchOptions } from './options.js';
import { hasRedis } from './redis.js';
import type { Results } from './results.js';
import { playRounds } from './rounds.js';
import type { DrachtioAddress, Subject } from './subject.js';
import type { Workspace } from './workspace.js';

/** A last step and the end of its processes after the time is up. */
const RESERVE_MS = 15_000;
/** Ten times shorter than the default: no call of a moderate rate on loopback waits for it. */
const MEMORY_T1_MS = 50;

/** Memory and latency first: they take the same time on every machine. What is left belongs to the rounds. */
export async function runBench(
  work: Workspace,
  options: BenchOptions,
  drachtio: DrachtioAddress | undefined,
  say: (line: string) => void,
): Promise<Results> {
  const began = Date.now();
  const facts = machine();
  const servers = drachtio === undefined ? [undefined] : [undefined, drachtio];
  const pairs = servers.map((server) => [engineSubject(work, server), bareSubject(work, server)]);
  const memory: Memory[] = [];
  for (const pair of pairs)
    memory.push(...(await memoryOf(work, pair, { sizes: options.sizes, t1Ms: MEMORY_T1_MS }, say)));
  const kept = hasRedis() ? [engineWithRedis(work)] : [];
  if (kept.length > 0)
    memory.push(...(await memoryOf(work, kept, { sizes: options.sizes, t1Ms: MEMORY_T1_MS }, say)));
  const latency: Latency[] = [];
  const subjects = [...pairs.flat(), ...kept];
  for (const engine of subjects.filter(({ kind }) => kind === 'engine')) {
    say(`latency: ${engine.name}`);
    latency.push(await measureLatency(work, engine, options.transfers));
  }
  const deadline = began + options.minutes * 60_000 * pairs.length - RESERVE_MS;
  const load = await playRounds(work, subjects, { ...options, deadline }, say);
  const [engine] = load;
  return {
    startedAt: new Date(began).toISOString(),
    seconds: Math.round((Date.now() - began) / 1000),
    machine: facts,
    warnings: warnings(facts),
    base: options.base,
    stepSeconds: options.seconds,
    load,
    memory,
    latency,
    goal: engine === undefined ? undefined : goalOf(engine),
  };
}

/** Side by side where each has a server of its own: nothing here depends on speed. A drachtio-server would deal its calls to both. */
async function memoryOf(
  work: Workspace,
  subjects: readonly Subject[],
  options: MemoryOptions,
  say: (line: string) => void,
): Promise<Memory[]> {
  say(`memory: ${subjects.map(({ name }) => name).join(', ')}`);
  if (subjects.every(({ server }) => server === 'embedded')) {
    return Promise.all(subjects.map((subject) => measureMemory(work, subject, options)));
  }
  const memory: Memory[] = [];
  for (const subject of subjects) memory.push(await measureMemory(work, subject, options));
  return memory;
}
