import { mkdir } from 'node:fs/promises';
import { EngineProcess, type EngineCommand } from '../engine-process.js';
import { EventReceiver } from '../event-receiver.js';
import { ScenarioFailure, textOf } from '../failure.js';
import { checkEmpty } from '../final-state.js';
import { inParallel } from '../in-parallel.js';
import type { ScenarioResult } from '../play-scenario.js';
import type { Ports } from '../ports.js';
import { ChaosCarrier } from './chaos-carrier.js';
import { CREDENTIALS, gridConfig, type Place } from './grid-config.js';
import type { Cell } from './grid-schema.js';
import { judgeCell } from './judge-cell.js';
import { CELL_MS, eventsOf, playCell } from './play-cell.js';
import { parseSwitches } from './switches.js';

/** Cells at a time: nearly all of their time is spent waiting for timers. */
const AT_A_TIME = 8;

export interface GridOptions {
  readonly engine: EngineCommand;
  readonly ports: Ports;
  /** For the engine's log and configuration; made when it is not there. */
  readonly directory: string;
  readonly signal: AbortSignal;
  /** Longest duration of a cell, ms. */
  readonly deadlineMs?: number;
}

/** A cell while it is played: its far end, and what went wrong so far. */
interface Playing {
  readonly place: Place;
  readonly carrier: ChaosCarrier;
  readonly failures: ScenarioFailure[];
  callId: string | undefined;
  ms: number;
  ladder: string;
}

/** Plays cells against one engine, several at a time; a result for each, and one for the engine's end. */
export async function playGrid(
  cells: readonly Cell[],
  options: GridOptions,
): Promise<readonly ScenarioResult[]> {
  await mkdir(options.directory, { recursive: true });
  const receiver = new EventReceiver();
  const bot = await ChaosCarrier.open({ listen: { host: '127.0.0.1', port: 0 } });
  const playing = await castCells(cells);
  const sip = { host: '127.0.0.1', port: await options.ports.free('127.0.0.1') };
  const apiPort = await options.ports.free('127.0.0.1');
  const engine = new EngineProcess(options.engine, options.directory, `http://127.0.0.1:${apiPort}`);
  const places = playing.map(({ place }) => place);
  try {
    const eventsUrl = await receiver.start();
    const config = gridConfig({ sip, apiPort, eventsUrl, bot: bot.address, cells: places });
    await engine.start(config, options.signal);
    await inParallel(playing, AT_A_TIME, options.signal, async (cell) => {
      const began = Date.now();
      const { carrier, place } = cell;
      const deadlineMs = options.deadlineMs ?? CELL_MS;
      const stage = { engine, sip, receiver, carrier, place, deadlineMs };
      cell.callId = await playCell(stage, options.signal).catch((error: unknown) => {
        cell.failures.push(
          error instanceof ScenarioFailure ? error : new ScenarioFailure('cell', textOf(error)),
        );
        return callOf(receiver, cell.place);
      });
      cell.failures.push(...cell.carrier.problems.map((problem) => new ScenarioFailure('far end', problem)));
      cell.ms = Date.now() - began;
    });
    const engineEnd = await lastLook(engine, bot, playing, options.signal);
    return [...playing.map((cell) => resultOf(cell, receiver)), engineEnd];
  } finally {
    engine.kill();
    await Promise.all([bot, ...playing.map(({ carrier }) => carrier)].map((carrier) => carrier.close()));
    await receiver.stop();
  }
}

/** Each cell's far end has an address of its own, by which the engine knows its trunk. */
function castCells(cells: readonly Cell[]): Promise<Playing[]> {
  return Promise.all(
    cells.map(async (cell, index) => {
      const host = `127.1.${Math.floor(index / 250)}.${(index % 250) + 1}`;
      const carrier = await ChaosCarrier.open({
        listen: { host, port: 0 },
        switches: parseSwitches(cell.switches),
        credentials: CREDENTIALS,
      });
      const did = `1800${String(index).padStart(7, '0')}`;
      const place = { key: `cell-${index}`, did, cell, carrier: carrier.address };
      return { place, carrier, failures: [], callId: undefined, ms: 0, ladder: '' };
    }),
  );
}

/** Ladders, then what can only be seen when all calls are over: the engine's tables and its own end. */
async function lastLook(
  engine: EngineProcess,
  bot: ChaosCarrier,
  playing: readonly Playing[],
  signal: AbortSignal,
): Promise<ScenarioResult> {
  const began = Date.now();
  const tables = await checkEmpty(engine, signal).catch((error: unknown) => [
    new ScenarioFailure('final tables', textOf(error)),
  ]);
  for (const cell of playing) cell.ladder = await ladderOf(engine, cell.callId);
  const left = bot.openLegs.length;
  const ghosts = left === 0 ? [] : [new ScenarioFailure('bot', `${left} of its legs were left open`)];
  const end = await engine.stop();
  const failures = [...tables, ...ghosts, ...(end === undefined ? [] : [end])];
  const title = 'after all cells: no call, no leg, nothing leaked or lost, no error in the log';
  const logs = failures.length === 0 ? '' : await engine.tail();
  return {
    name: 'chaos-final-tables',
    title,
    skipped: null,
    ms: Date.now() - began,
    failures,
    ladder: '',
    logs,
  };
}

async function ladderOf(engine: EngineProcess, callId: string | undefined): Promise<string> {
  if (callId === undefined) return '(no call)';
  const answer = await engine
    .request('GET', `/v1/calls/${callId}/ladder`, { accept: 'text/plain' })
    .catch((error: unknown) => ({ body: `(no ladder: ${textOf(error)})` }));
  return typeof answer.body === 'string' ? answer.body : JSON.stringify(answer.body);
}

const callOf = (receiver: EventReceiver, place: Place): string | undefined => {
  const id = eventsOf(receiver, place)[0]?.['callId'];
  return typeof id === 'string' ? id : undefined;
};

/** Only now, with the engine gone, everything it had to tell has been told. */
function resultOf({ place, failures, ms, ladder }: Playing, receiver: EventReceiver): ScenarioResult {
  const events = eventsOf(receiver, place);
  const signed = receiver.problems
    .filter((problem) => problem.includes(`"${place.key}"`))
    .map((problem) => new ScenarioFailure('webhook', problem));
  const judged = [...failures, ...judgeCell(place.cell, events), ...signed];
  const { name, outcome, why } = place.cell;
  const logs = judged.length === 0 ? '' : events.map((event) => JSON.stringify(event)).join('\n');
  return { name, title: `${outcome}: ${why}`, skipped: null, ms, failures: judged, ladder, logs };
}
