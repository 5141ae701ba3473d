import { setTimeout as sleep } from 'node:timers/promises';
import { collectGarbage } from './collect-garbage.js';
import { residentBytes } from './proc.js';
import { hold, release, warmUp } from './held-calls.js';
import { startBot, type Caller } from './sipp.js';
import type { Running, Subject } from './subject.js';
import type { Workspace } from './workspace.js';

/** After 64 T1 the transactions of the set-ups are forgotten, and the calls alone are left; and some more. */
const forgottenMs = (t1Ms: number): number => 64 * t1Ms + 300;
/** Before the first look. */
const WARM_UP_CALLS = 100;

export interface MemoryOptions {
  /** Calls held at a time: a look at each, ascending. */
  readonly sizes: readonly number[];
  /** Of the embedded server: the shorter, the sooner its transactions are forgotten. */
  readonly t1Ms: number;
}

export interface MemoryLook {
  readonly calls: number;
  /** Resident bytes by process, garbage collected. */
  readonly resident: Readonly<Record<string, number>>;
}

export interface Memory {
  readonly subject: string;
  readonly looks: readonly MemoryLook[];
  /** Bytes by process for each thousand calls: from no call to the most. */
  readonly perThousand: Readonly<Record<string, number>>;
  /** Processes whose garbage could not be collected: their figures hold garbage too. */
  readonly uncollected: readonly string[];
  /** Held calls that did not come to their proper end. */
  readonly failed: number;
}

export async function measureMemory(
  work: Workspace,
  subject: Subject,
  { sizes, t1Ms }: MemoryOptions,
): Promise<Memory> {
  const bot = await startBot(work);
  const running = await subject.start({ botPort: bot.port, t1Ms });
  try {
    await warmUp(work, running, WARM_UP_CALLS);
    const uncollected = new Set<string>();
    const lookAt = async (calls: number): Promise<MemoryLook> => {
      await sleep(forgottenMs(t1Ms));
      return look(running, calls, uncollected);
    };
    const looks = [await lookAt(0)];
    const callers: Caller[] = [];
    let held = 0;
    for (const size of sizes) {
      callers.push(await hold(work, running, size - held));
      held = size;
      looks.push(await lookAt(size));
    }
    const ended = await Promise.all(callers.map((caller) => release(caller)));
    const failed = held - ended.reduce((total, successful) => total + successful, 0);
    return {
      subject: subject.name,
      looks,
      perThousand: perThousand(looks),
      uncollected: [...uncollected],
      failed,
    };
  } finally {
    await running.stop();
    await bot.child.kill();
  }
}

async function look({ processes }: Running, calls: number, uncollected: Set<string>): Promise<MemoryLook> {
  const resident: Record<string, number> = {};
  for (const watched of processes) {
    if (watched.inspector !== undefined && !(await collectGarbage(watched))) uncollected.add(watched.name);
    const bytes = residentBytes(watched.pid);
    if (bytes !== undefined) resident[watched.name] = bytes;
  }
  return { calls, resident };
}

function perThousand(looks: readonly MemoryLook[]): Record<string, number> {
  const [first, last] = [looks[0], looks.at(-1)];
  if (first === undefined || last === undefined || last.calls === 0) return {};
  return Object.fromEntries(
    Object.entries(last.resident).map(([name, bytes]) => [
      name,
      ((bytes - (first.resident[name] ?? bytes)) * 1000) / last.calls,
    ]),
  );
}
