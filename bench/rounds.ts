import { climb, type Climb, type ClimbOptions } from './climb.js';
import { median } from './statistics.js';
import type { StepResult } from './load-step.js';
import type { Subject } from './subject.js';
import type { Workspace } from './workspace.js';

export interface RoundsOptions extends Omit<ClimbOptions, 'second'> {
  readonly rounds: number;
}

type Say = (line: string) => void;

/** What the climbs of one subject come to. */
export interface Load {
  readonly subject: string;
  readonly climbs: readonly Climb[];
  /** Median of the tops. */
  readonly top: number;
  /** Medians by process: at the base rate, and at the last step that passed. */
  readonly cpuAtBase: Readonly<Record<string, number>>;
  readonly cpuAtTop: Readonly<Record<string, number>>;
}

/**
 * The subjects take turns, so that whatever else the machine does in these minutes meets them alike; every second
 * round in the opposite order. No round is begun that the last one shows there is no time for.
 */
export async function playRounds(
  work: Workspace,
  subjects: readonly Subject[],
  options: RoundsOptions,
  say: Say,
): Promise<readonly Load[]> {
  const climbs = new Map<string, Climb[]>(subjects.map(({ name }) => [name, []]));
  let longest = 0;
  for (let round = 1; round <= options.rounds; round += 1) {
    const began = Date.now();
    if (round > 1 && began + longest > options.deadline) {
      say(`no time for round ${round}`);
      break;
    }
    for (const subject of round % 2 === 1 ? subjects : subjects.toReversed()) {
      say(`round ${round}: ${subject.name}`);
      const earlier = climbs.get(subject.name) ?? [];
      earlier.push(await turn(work, subject, earlier, options, say));
    }
    longest = Math.max(longest, Date.now() - began);
  }
  return subjects.map(({ name }) => summary(name, climbs.get(name) ?? []));
}

/**
 * One climb. Where the last one got to is known, so the steps far below are left out; when that proves too bold, the
 * climb is done again with all of them.
 */
async function turn(
  work: Workspace,
  subject: Subject,
  earlier: readonly Climb[],
  options: RoundsOptions,
  say: Say,
): Promise<Climb> {
  const lowest = options.base + options.step;
  const second = Math.max(lowest, (earlier.at(-1)?.top ?? 0) - 2 * options.step);
  const bold = await climb(work, subject, { ...options, second }, say);
  if (second === lowest || bold.failedAt !== second) return bold;
  return climb(work, subject, { ...options, second: lowest }, say);
}

function summary(subject: string, climbs: readonly Climb[]): Load {
  const firsts = climbs.flatMap(({ steps }) => steps.slice(0, 1));
  const tops = climbs.flatMap(({ steps, top }) => steps.filter(({ rate }) => rate === top));
  return {
    subject,
    climbs,
    top: median(climbs.map(({ top }) => top)) ?? 0,
    cpuAtBase: mediansByProcess(firsts),
    cpuAtTop: mediansByProcess(tops),
  };
}

function mediansByProcess(steps: readonly StepResult[]): Record<string, number> {
  const names = new Set(steps.flatMap(({ cpuMsPerCall }) => Object.keys(cpuMsPerCall)));
  const medians: Record<string, number> = {};
  for (const name of names) {
    const value = median(steps.flatMap(({ cpuMsPerCall }) => cpuMsPerCall[name] ?? []));
    if (value !== undefined) medians[name] = value;
  }
  return medians;
}
