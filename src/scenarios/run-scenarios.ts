import { setMaxListeners } from 'node:events';
import { cp, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { UsageError } from '../errors.js';
import { Child } from './child.js';
import type { EngineCommand } from './engine-process.js';
import { loadScenario, scenarioNames, type ScenarioFile } from './load-scenario.js';
import { playScenario, type ScenarioResult } from './play-scenario.js';
import { Ports } from './ports.js';
import { explain, table, writeReports } from './report.js';
import type { Theatre } from './stage.js';

interface Output {
  write(text: string): unknown;
}

export interface RunOptions {
  /** Scenarios to play, by directory name or its number; none = all. */
  readonly names: readonly string[];
  /** Keep SIPp's and the engine's logs under reports/scenarios/NAME/. */
  readonly keep: boolean;
  /** Directory that holds sip-scenarios/, and gets reports/scenarios/. */
  readonly root: string;
  /** How an engine is started: `node dist/main.js`. */
  readonly engine: EngineCommand;
  /** SIPp's command, `sipp` unless told otherwise. */
  readonly sipp?: string;
  /** For logs while a scenario plays. */
  readonly tmpDir: string;
  readonly stdout: Output;
  readonly stderr: Output;
  /** Aborting ends every process this run has started. */
  readonly signal: AbortSignal;
  /** Scenarios at a time. */
  readonly concurrency?: number;
}

/** What a shell reports for SIGINT. */
const INTERRUPTED = 130;

/** `switchhook scenarios`: 0 all passed, 1 some failed, 2 it could not be done as asked. */
export async function runScenarios(options: RunOptions): Promise<number> {
  try {
    const results = await playScenarios(options);
    for (const result of results.filter(({ failures }) => failures.length > 0)) {
      options.stdout.write(`\n${explain(result)}\n`);
    }
    options.stdout.write(table(results));
    return results.every(({ failures }) => failures.length === 0) ? 0 : 1;
  } catch (error) {
    if (options.signal.aborted) return INTERRUPTED;
    if (!(error instanceof UsageError)) throw error;
    options.stderr.write(`switchhook: ${error.message}\n`);
    return 2;
  }
}

/** Plays the scenarios asked for and writes the reports; rejects with a UsageError when it cannot begin. */
export async function playScenarios(options: RunOptions): Promise<readonly ScenarioResult[]> {
  const home = join(options.root, 'sip-scenarios');
  const files = chosen(home, options.names);
  const work = await mkdtemp(join(options.tmpDir, 'switchhook-scenarios-'));
  const sipp = options.sipp ?? 'sipp';
  const { signal } = options;
  try {
    // Every child and every wait listens to it.
    setMaxListeners(0, signal);
    await requireSipp(sipp, work, signal);
    const ports = new Ports(Math.floor(Math.random() * 5000) * 2);
    const theatre: Theatre = { home, engine: options.engine, sipp, ports };
    const results = await inParallel(files, options.concurrency ?? 3, signal, (file) =>
      one(theatre, file, work, options, signal),
    );
    await writeReports(join(options.root, 'reports', 'scenarios'), results);
    return results;
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

/** Names as given, or the number a name begins with (`04`). */
function chosen(home: string, names: readonly string[]): ScenarioFile[] {
  const known = scenarioNames(home);
  const wanted = names.map((name) => {
    const found = known.find((k) => k === name || k.startsWith(`${name}-`));
    if (found === undefined)
      throw new UsageError(`there is no scenario "${name}"; known: ${known.join(', ')}`);
    return found;
  });
  return (wanted.length > 0 ? wanted : known).map((name) => loadScenario(home, name));
}

/** SIPp says its version and exits with 99; it is missing when it cannot be run at all. */
async function requireSipp(sipp: string, cwd: string, signal: AbortSignal): Promise<void> {
  const code = await new Child(sipp, ['-v'], { cwd, logFile: join(cwd, 'sipp-version.log'), signal }).exited;
  if (code === null) {
    throw new UsageError(
      `SIPp ("${sipp}") is not installed: apt-get install sip-tester (Debian/Ubuntu), then run again`,
    );
  }
}

async function one(
  theatre: Theatre,
  file: ScenarioFile,
  work: string,
  options: RunOptions,
  signal: AbortSignal,
): Promise<ScenarioResult> {
  const directory = join(work, file.name);
  await mkdir(directory);
  const result = await playScenario(theatre, file, directory, signal);
  if (options.keep) {
    await cp(directory, join(options.root, 'reports', 'scenarios', file.name), {
      recursive: true,
      force: true,
    });
  }
  return result;
}

/** Results in the order of the items, at most `width` at a time; none is begun after `signal`. */
async function inParallel<T, R>(
  items: readonly T[],
  width: number,
  signal: AbortSignal,
  run: (item: T) => Promise<R>,
): Promise<R[]> {
  const results: R[] = [];
  const queue = items.entries();
  const worker = async (): Promise<void> => {
    for (const [index, item] of queue) {
      if (signal.aborted) return;
      results[index] = await run(item);
    }
  };
  await Promise.all(Array.from({ length: width }, worker));
  signal.throwIfAborted();
  return results;
}
