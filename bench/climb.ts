import { loadStep, type StepResult } from './load-step.js';
import { startBot } from './sipp.js';
import type { Subject } from './subject.js';
import type { Workspace } from './workspace.js';

export interface ClimbOptions {
  /** The first step; also where CPU per call is compared. */
  readonly base: number;
  readonly step: number;
  /** The second step: further up than `base + step` when an earlier round has been there. */
  readonly second: number;
  readonly max: number;
  readonly seconds: number;
  /** At the base rate, uncounted: what is measured afterwards is compiled code. */
  readonly warmUpSeconds: number;
  /** After this moment (ms since the epoch) no further step is begun. */
  readonly deadline: number;
}

export interface Climb {
  readonly steps: readonly StepResult[];
  /** The last rate before the first failure; 0 when not even the base rate passed. */
  readonly top: number;
  /** The first rate that failed, when one did. */
  readonly failedAt: number | undefined;
  /** What ended the climb. */
  readonly ended: string;
}

/** One turn of one subject: fresh processes, warmed up, then one rate after the other until the first failure. */
export async function climb(
  work: Workspace,
  subject: Subject,
  options: ClimbOptions,
  say: (line: string) => void,
): Promise<Climb> {
  const bot = await startBot(work);
  const running = await subject.start({ botPort: bot.port });
  try {
    const at = (rate: number, seconds: number): Promise<StepResult> =>
      loadStep(work, { running, botPid: bot.child.pid, rate, seconds });
    await at(options.base, options.warmUpSeconds);
    const steps: StepResult[] = [];
    for (const rate of ratesOf(options)) {
      if (rate > options.base && Date.now() > options.deadline) return climbOf(steps, 'out of time');
      const result = await at(rate, options.seconds);
      steps.push(result);
      say(`${subject.name}: ${rate}/s ${result.failure ?? 'passed'}`);
      if (result.failure !== undefined) return climbOf(steps, `at ${rate}/s: ${result.failure}`);
    }
    return climbOf(steps, `the highest rate asked for, ${options.max}/s`);
  } finally {
    await running.stop();
    await bot.child.kill();
  }
}

function* ratesOf({ base, second, step, max }: ClimbOptions): Generator<number> {
  yield base;
  for (let rate = second; rate <= max; rate += step) yield rate;
}

function climbOf(steps: readonly StepResult[], ended: string): Climb {
  const top = steps.findLast(({ failure }) => failure === undefined)?.rate ?? 0;
  const failedAt = steps.find(({ failure }) => failure !== undefined)?.rate;
  return { steps, top, failedAt, ended };
}
