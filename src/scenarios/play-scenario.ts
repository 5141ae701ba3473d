import { checkCount, checkEvents, checkMessage, checkNumbers } from './expectations.js';
import { ScenarioFailure, textOf } from './failure.js';
import { checkEmpty, checkStatus } from './final-state.js';
import type { ScenarioFile } from './load-scenario.js';
import type { Expectation, Scenario } from './scenario-schema.js';
import type { SipMessage } from './sipp-log.js';
import { Stage, type Theatre } from './stage.js';
import { startParties } from './start-parties.js';
import { Steps } from './steps.js';
import { until } from './until.js';

export interface ScenarioResult {
  readonly name: string;
  readonly title: string;
  readonly ms: number;
  /** Why it was not played; `null`: it was. */
  readonly skipped: string | null;
  /** Empty: it passed. */
  readonly failures: readonly ScenarioFailure[];
  /** Ladders of the scenario's calls. */
  readonly ladder: string;
  /** For a failed scenario: the ends of all logs. */
  readonly logs: string;
}

/** Plays one scenario against a fresh engine and judges it; never rejects. */
export async function playScenario(
  theatre: Theatre,
  file: ScenarioFile,
  directory: string,
  abort: AbortSignal,
): Promise<ScenarioResult> {
  const began = Date.now();
  const { name, scenario } = file;
  const stage = new Stage(theatre, file, directory);
  const failures = await play(stage, file, theatre.sipp, abort).catch((error: unknown) => [broken(error)]);
  const ladder = await laddersOf(stage);
  const logs = failures.length === 0 ? '' : await logsOf(stage);
  const end = await stage.strike();
  if (end !== undefined) failures.push(end);
  // Only now: an engine that ends by SIGTERM has delivered everything before.
  if (failures.length === 0) failures.push(...afterTheEnd(stage, scenario.expect));
  return { name, title: scenario.title, skipped: null, ms: Date.now() - began, failures, ladder, logs };
}

/** Why a scenario cannot be played on this server, if it cannot. */
export function whyNot(scenario: Scenario, { server }: Theatre): string | null {
  if (server === null) return null;
  if (scenario.embeddedOnly !== undefined) return scenario.embeddedOnly;
  if (scenario.address !== server.sip.address) return `the server does not listen on ${scenario.address}`;
  return 'sip' in scenario.engine ? 'it configures the embedded server' : null;
}

async function play(
  stage: Stage,
  { scenario }: ScenarioFile,
  sipp: string,
  abort: AbortSignal,
): Promise<ScenarioFailure[]> {
  await stage.build(abort);
  const parties = [...stage.parties.values()];
  await startParties(parties, sipp, scenario.deadlineMs, abort);
  await runSteps(stage, scenario, abort);
  const ending = parties.filter((party) => party.ends);
  // SIPp has the deadline too: a party that does not end by itself is ended by it, with an exit code that says so.
  await until(2 * scenario.deadlineMs, abort, () =>
    ending.every((p) => p.hasExited) || ending.some((p) => p.failure !== undefined) ? true : undefined,
  );
  const grades = await Promise.all(parties.map((party) => party.grade()));
  const bad = grades.filter((grade) => grade !== undefined);
  const open = bad.length > 0 ? [] : await checkEmpty(stage.engine, abort);
  return [...bad, ...open, ...(await checkWire(stage, scenario.expect))];
}

async function runSteps(stage: Stage, { steps, deadlineMs }: Scenario, abort: AbortSignal): Promise<void> {
  const deadline = AbortSignal.timeout(deadlineMs);
  try {
    await new Steps(stage, AbortSignal.any([abort, deadline])).run(steps);
  } catch (error) {
    if (error instanceof ScenarioFailure || !deadline.aborted) throw error;
    throw new ScenarioFailure('deadline', `the steps took longer than ${deadlineMs} ms`);
  }
}

async function checkWire(stage: Stage, expect: Expectation): Promise<ScenarioFailure[]> {
  const failures: ScenarioFailure[] = [];
  const judge = async <T extends { readonly at: string }>(
    kind: string,
    list: readonly T[],
    check: Check<T>,
  ) => {
    for (const [index, item] of list.entries()) {
      const where = `expect.${kind}[${index}] at ${item.at}`;
      const log = (await stage.parties.get(item.at)?.messages()) ?? [];
      const problem = check(stage.places.fill(item, where), log);
      if (problem !== undefined) failures.push(new ScenarioFailure(where, problem));
    }
  };
  // A drachtio-server writes header names its own way.
  const ownCase = stage.onDrachtio ? ({ case: 'any' } as const) : {};
  await judge('messages', expect.messages, (wanted, log) => checkMessage({ ...wanted, ...ownCase }, log));
  await judge('counts', expect.counts, checkCount);
  if (expect.transferStatus !== undefined) {
    const wanted = stage.places.fill(expect.transferStatus, 'expect.transferStatus');
    failures.push(...(await checkStatus(stage.engine, stage.places.get('callId'), wanted)));
  }
  return failures;
}

type Check<T> = (wanted: T, log: readonly SipMessage[]) => string | undefined;

function afterTheEnd({ receiver, places }: Stage, expect: Expectation): ScenarioFailure[] {
  const problems = receiver.problems.map((problem) => new ScenarioFailure('webhook', problem));
  try {
    const wanted = places.fill(expect.events, 'expect.events');
    const events = checkEvents({ events: wanted, otherEvents: expect.otherEvents }, receiver.events);
    return [...problems, ...events, ...checkNumbers(receiver.events)];
  } catch (error) {
    return [...problems, broken(error)];
  }
}

const broken = (error: unknown): ScenarioFailure =>
  error instanceof ScenarioFailure ? error : new ScenarioFailure('runner', textOf(error));

async function laddersOf(stage: Stage): Promise<string> {
  const ids = new Set(
    stage.receiver.events.map((event) => event['callId']).filter((id) => typeof id === 'string'),
  );
  const saved = stage.places.get('callId');
  if (saved !== undefined) ids.add(saved);
  const ladders: string[] = [];
  for (const id of ids) {
    const path = `/v1/calls/${id}/ladder`;
    const text = await stage.ladder(path);
    ladders.push(`${id}\n${text}`);
  }
  return ladders.join('\n');
}

async function logsOf(stage: Stage): Promise<string> {
  const parts = [`--- engine\n${await stage.engineTail()}`];
  for (const [name, party] of stage.parties) parts.push(`--- ${name}\n${await party.tail()}`);
  parts.push(`--- events\n${stage.receiver.events.map((event) => JSON.stringify(event)).join('\n')}`);
  return parts.join('\n');
}
