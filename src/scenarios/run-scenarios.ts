import { setMaxListeners } from 'node:events';
import { cp, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { UsageError } from '../errors.js';
import { Child } from './child.js';
import { cellsOf, loadGrid, type Cell } from './chaos/grid-schema.js';
import { playGrid, type GridOptions } from './chaos/run-grid.js';
import type { EngineCommand } from './engine-process.js';
import { inParallel } from './in-parallel.js';
import { loadScenario, scenarioNames, type ScenarioFile } from './load-scenario.js';
import type { DrachtioServer } from './base-config.js';
import { playScenario, whyNot, type ScenarioResult } from './play-scenario.js';
import { Ports } from './ports.js';
import { explain, table, writeReports } from './report.js';
import type { Theatre } from './stage.js';

interface Output {
  write(text: string): unknown;
}

export interface RunOptions {
  /**
   * What to play: scenarios by directory name or its number, chaos cells by their name or its beginning (`chaos`);
   * none = all scenarios.
   */
  readonly names: readonly string[];
  /** Everything: all scenarios and the whole chaos grid. */
  readonly all: boolean;
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
  /** A drachtio-server to play the scenarios on, one at a time; without it each engine starts the embedded one. */
  readonly server?: DrachtioServer | null;
  /** Scenarios at a time. */
  readonly concurrency?: number;
}

/** Directory of the grid, and what the names of its cells begin with. */
const CHAOS = 'chaos';

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

/** Plays what is asked for and writes the reports; rejects with a UsageError when it cannot begin. */
export async function playScenarios(options: RunOptions): Promise<readonly ScenarioResult[]> {
  const home = join(options.root, 'sip-scenarios');
  const { files, cells } = chosen(home, options);
  const work = await mkdtemp(join(options.tmpDir, 'switchhook-scenarios-'));
  const sipp = options.sipp ?? 'sipp';
  const { signal } = options;
  try {
    // Every child and every wait listens to it.
    setMaxListeners(0, signal);
    if (files.length > 0) await requireSipp(sipp, work, signal);
    const ports = new Ports(Math.floor(Math.random() * 5000) * 2);
    const server = options.server ?? null;
    const theatre: Theatre = { home, engine: options.engine, sipp, ports, server };
    // A drachtio-server deals calls out to all engines on it.
    const concurrency = server === null ? (options.concurrency ?? 3) : 1;
    const results = await inParallel(files, concurrency, signal, (file) =>
      one(theatre, file, work, options, signal),
    );
    if (files.length > 0) await writeReports(join(options.root, 'reports', 'scenarios'), results);
    const grid = { ...theatre, directory: join(work, 'chaos'), signal };
    const chaos = await chaosResults(cells, grid, server);
    if (chaos.length > 0) await writeReports(join(options.root, 'reports', 'chaos'), chaos);
    return [...results, ...chaos];
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

function chaosResults(
  cells: readonly Cell[],
  grid: GridOptions,
  server: Theatre['server'],
): Promise<readonly ScenarioResult[]> {
  if (cells.length === 0) return Promise.resolve([]);
  if (server === null) return playGrid(cells, grid);
  const skipped = 'the grid has one engine on the embedded server';
  const rest = { skipped, ms: 0, failures: [], ladder: '', logs: '' };
  return Promise.resolve(
    cells.map(({ name, outcome, why }) => ({ ...rest, name, title: `${outcome}: ${why}` })),
  );
}

interface Chosen {
  readonly files: readonly ScenarioFile[];
  readonly cells: readonly Cell[];
}

/** Names as given, the number a name begins with (`04`), or the beginning of a cell's name (`chaos-refer`). */
function chosen(home: string, { names, all }: RunOptions): Chosen {
  const known = scenarioNames(home);
  const isCell = (name: string): boolean => name === CHAOS || name.startsWith(`${CHAOS}-`);
  const wanted = names
    .filter((name) => !isCell(name))
    .map((name) => {
      const found = known.find((k) => k === name || k.startsWith(`${name}-`));
      if (found === undefined)
        throw new UsageError(`there is no scenario "${name}"; known: ${known.join(', ')}, ${CHAOS}`);
      return found;
    });
  const every = all || names.length === 0;
  const files = (every ? known : wanted).map((name) => loadScenario(home, name));
  return { files, cells: cellsNamed(home, all ? [CHAOS] : names.filter(isCell)) };
}

function cellsNamed(home: string, names: readonly string[]): readonly Cell[] {
  if (names.length === 0) return [];
  const cells = cellsOf(loadGrid(join(home, CHAOS, 'grid.yml')));
  const fits = (cell: Cell, name: string): boolean => cell.name === name || cell.name.startsWith(`${name}-`);
  const exact = (name: string): readonly Cell[] => cells.filter((cell) => cell.name === name);
  const found = names.map((name) =>
    exact(name).length > 0 ? exact(name) : cells.filter((c) => fits(c, name)),
  );
  const nobody = names.find((_name, i) => found[i]?.length === 0);
  if (nobody !== undefined) {
    throw new UsageError(`there is no cell "${nobody}"; known: ${cells.map(({ name }) => name).join(', ')}`);
  }
  return cells.filter((cell) => found.some((list) => list.includes(cell)));
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
  const { name, scenario } = file;
  const skipped = whyNot(scenario, theatre);
  if (skipped !== null)
    return { name, title: scenario.title, skipped, ms: 0, failures: [], ladder: '', logs: '' };
  const directory = join(work, name);
  await mkdir(directory);
  const result = await playScenario(theatre, file, directory, signal);
  if (options.keep) {
    await cp(directory, join(options.root, 'reports', 'scenarios', name), {
      recursive: true,
      force: true,
    });
  }
  return result;
}
