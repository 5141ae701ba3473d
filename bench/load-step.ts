import { setTimeout as sleep } from 'node:timers/promises';
import { cpuSeconds, endedChildrenCpuSeconds } from './proc.js';
import { Caller } from './sipp.js';
import type { SippStats } from './sipp-stats.js';
import type { Running, Watched } from './subject.js';
import type { Workspace } from './workspace.js';

/** How long each call stays. */
const STAY_MS = 100;
/** A call that is not over so long after it should be has failed, whatever retransmissions might still make of it. */
const GRACE_MS = 4_000;
/** Less than this part of the wanted rate, and SIPp did not reach it. */
const REACHED = 0.97;
/**
 * How far behind the calls may be when the last one is begun: so many seconds' worth of them may be open beyond those
 * that are meant to be. More is a backlog, which a short step would hide: it is worked off after the load is over.
 */
const BEHIND_SECONDS = 0.25;
/** The last BYEs are still on their way through when SIPp has gone. */
const REST_MS = 200;

export interface StepOptions {
  readonly running: Running;
  /** The SIPp that plays the bot. */
  readonly botPid: number;
  readonly rate: number;
  readonly seconds: number;
}

export interface StepResult {
  readonly rate: number;
  readonly calls: number;
  readonly failed: number;
  readonly retransmissions: number;
  /** Calls SIPp began per second. */
  readonly reached: number | undefined;
  /** Why the step does not count as passed. */
  readonly failure: string | undefined;
  /** Milliseconds per successful call, by process. */
  readonly cpuMsPerCall: Readonly<Record<string, number>>;
}

/** Calls at one rate for some seconds. */
export async function loadStep(work: Workspace, options: StepOptions): Promise<StepResult> {
  const { running, botPid, rate, seconds } = options;
  const calls = Math.max(1, Math.round(rate * seconds));
  const watched = [...running.processes, { name: 'SIPp bot', pid: botPid }];
  const before = cpuOf(watched);
  const callerBefore = endedChildrenCpuSeconds();
  const caller = await Caller.start(work, { sipPort: running.sipPort, rate, calls, stay: STAY_MS });
  const inTime = await caller.end(seconds * 1000 + STAY_MS + GRACE_MS);
  const callerSeconds = endedChildrenCpuSeconds() - callerBefore;
  await sleep(REST_MS);
  const stats = caller.stats();
  const spent = { ...difference(before, cpuOf(watched)), 'SIPp caller': callerSeconds };
  return {
    rate,
    calls,
    failed: calls - stats.successful,
    retransmissions: stats.retransmissions,
    reached: stats.rate,
    failure: failureOf(stats, calls, rate, inTime, caller.child.said()),
    cpuMsPerCall: perCall(spent, stats.successful),
  };
}

function failureOf(
  stats: SippStats,
  calls: number,
  rate: number,
  inTime: boolean,
  said: string,
): string | undefined {
  const failed = calls - stats.successful;
  if (stats.created === 0) return `SIPp began no call: ${said}`;
  // A generator that is held up begins fewer calls than asked for: its failure, not the subject's.
  if (stats.rate !== undefined && stats.rate < rate * REACHED) {
    return `SIPp reached ${Math.round(stats.rate)}/s${failed > 0 ? `, ${failed} of ${calls} failed` : ''}`;
  }
  if (failed > 0) return `${failed} of ${calls} failed${inTime ? '' : ' or late'}`;
  const meant = rate * (STAY_MS / 1000);
  if (stats.open !== undefined && stats.open > meant + rate * BEHIND_SECONDS) {
    return `fell behind: ${stats.open} calls open at the end, ${Math.round(meant)} meant to be`;
  }
  return undefined;
}

type Seconds = Readonly<Record<string, number | undefined>>;

const cpuOf = (watched: readonly Pick<Watched, 'name' | 'pid'>[]): Seconds =>
  Object.fromEntries(watched.map(({ name, pid }) => [name, cpuSeconds(pid)]));

/** Without the processes that cannot be read. */
function difference(before: Seconds, after: Seconds): Record<string, number> {
  const spent: Record<string, number> = {};
  for (const [name, was] of Object.entries(before)) {
    const is = after[name];
    if (was !== undefined && is !== undefined) spent[name] = is - was;
  }
  return spent;
}

const perCall = (spent: Readonly<Record<string, number>>, calls: number): Record<string, number> =>
  calls === 0 ? {} : Object.fromEntries(Object.entries(spent).map(([name, s]) => [name, (s * 1000) / calls]));
