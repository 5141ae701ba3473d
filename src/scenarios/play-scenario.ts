import { checkCount, checkEvents, checkMessage, checkNumbers } from './expectations.js';
import { ScenarioFailure, textOf } from './failure.js';
import { checkEmpty, checkStatus } from './final-state.js';
import type { ScenarioFile } from './load-scenario.js';
import type { Expectation } from './scenario-schema.js';
import type { SipMessage } from './sipp-log.js';
import { Stage, type Theatre } from './stage.js';
import { startParties } from './start-parties.js';
import { Steps } from './steps.js';
import { until } from './until.js';

export interface ScenarioResult {
  readonly name: string;
  readonly title: string;
  readonly ms: number;
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
  const deadline = AbortSignal.timeout(scenario.deadlineMs);
  const failures = await play(stage, file, theatre.sipp, AbortSignal.any([abort, deadline])).catch(
    (error: unknown) => [broken(error, deadline, scenario.deadlineMs)],
  );
  const ladder = await laddersOf(stage);
  const logs = failures.length === 0 ? '' : await logsOf(stage);
  const end = await stage.strike();
  if (end !== undefined) failures.push(end);
  // Only now: an engine that ends by SIGTERM has delivered everything before.
  if (failures.length === 0) failures.push(...afterTheEnd(stage, scenario.expect));
  return { name, title: scenario.title, ms: Date.now() - began, failures, ladder, logs };
}

async function play(
  stage: Stage,
  file: ScenarioFile,
  sipp: string,
  signal: AbortSignal,
): Promise<ScenarioFailure[]> {
  const { scenario } = file;
  await stage.build(signal);
  const parties = [...stage.parties.values()];
  await startParties(parties, sipp, scenario.deadlineMs, signal);
  await new Steps(stage, signal).run(scenario.steps);
  const ending = parties.filter((party) => party.ends);
  const waiting = until(scenario.deadlineMs, signal, () =>
    ending.every((p) => p.hasExited) ? true : undefined,
  );
  // A party that never ends is named by its grade.
  await waiting.catch(() => undefined);
  const grades = await Promise.all(parties.map((party) => party.grade()));
  const bad = grades.filter((grade) => grade !== undefined);
  const open = bad.length > 0 ? [] : await checkEmpty(stage.engine, signal);
  return [...bad, ...open, ...(await checkWire(stage, scenario.expect))];
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
  await judge('messages', expect.messages, checkMessage);
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

function broken(error: unknown, deadline?: AbortSignal, ms = 0): ScenarioFailure {
  if (error instanceof ScenarioFailure) return error;
  if (deadline?.aborted === true)
    return new ScenarioFailure('deadline', `the scenario took longer than ${ms} ms`);
  return new ScenarioFailure('runner', textOf(error));
}

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
