import { UsageError } from '../errors.js';
import { botLine } from './event-line.js';
import { Unexpected } from './journal.js';
import { Page, type Output } from './page.js';
import { eventsProblem, nodesProblem } from './as-told.js';
import { Scene } from './scene.js';
import { startStage, type Stage } from './stage.js';
import { STORIES, type Story } from './story.js';

export interface DemoOptions {
  readonly stdout: Output;
  readonly stderr: { write(text: string): unknown };
  /** A self-check: one of {@link DEMO_PARTS} is played by the wrong phone, and the demo has to notice. */
  readonly breaks?: string | null;
  /** Aborted when the user interrupts. */
  readonly signal?: AbortSignal;
}

export const DEMO_PARTS = STORIES.map((story) => story.part);

/**
 * Places three real calls through an engine with everything embedded and shows what went over the wire and what the
 * bot was told.
 *
 * @returns the exit code: 0 when all three went as told
 * @throws UsageError when `breaks` names no part
 */
export async function runDemo({ stdout, stderr, breaks = null, signal }: DemoOptions): Promise<number> {
  if (breaks !== null && !DEMO_PARTS.includes(breaks)) {
    throw new UsageError(`demo: --break ${breaks} is no part of the demo; one of ${DEMO_PARTS.join(', ')}`);
  }
  const page = new Page(stdout);
  page.line('Starting an engine, a bot and some phones, all on free ports of 127.0.0.1 ...');
  const handover = STORIES.map((s) => [s.dial, s.part === breaks ? s.wrongCallee : s.callee] as const);
  const stage = await startStage(Object.fromEntries(handover)).catch((error: unknown) => {
    stderr.write(`switchhook: demo: it could not start: ${(error as Error).message}\n`);
  });
  if (stage === undefined) return 1;
  const interrupt = (): void => stage.journal.fail('interrupted');
  signal?.addEventListener('abort', interrupt);
  if (signal?.aborted === true) interrupt();
  try {
    const problems = await playAll(stage, page);
    for (const problem of problems) stderr.write(`switchhook: demo: ${problem}\n`);
    return problems.length === 0 ? 0 : 1;
  } finally {
    signal?.removeEventListener('abort', interrupt);
    await stage.stop();
  }
}

/** What went wrong, one sentence for each call. */
async function playAll(stage: Stage, page: Page): Promise<readonly string[]> {
  const began = performance.now();
  const problems: string[] = [];
  let good = 0;
  page.line(stage.app.readyLine);
  for (const [i, story] of STORIES.entries()) {
    // A part of the stage is gone: no other call can go well.
    if (stage.journal.isBroken()) break;
    page.line();
    page.line(page.style('bold', `Call ${i + 1}: ${story.headline}`));
    page.line();
    const problem = await playOne(stage, story, page);
    const verdict = problem === undefined ? page.style('green', 'yes') : page.style('red', 'no');
    page.line(`as told: ${verdict}: ${problem ?? story.shown}`);
    if (problem === undefined) good += 1;
    else problems.push(`call ${i + 1}: ${problem}`);
  }
  const seconds = ((performance.now() - began) / 1000).toFixed(1);
  page.line();
  page.line(`${good} of ${STORIES.length} calls went as told, in ${seconds} s.`);
  return good < STORIES.length && problems.length === 0 ? ['interrupted'] : problems;
}

/** Why the call did not go as told; `undefined`: it did. */
async function playOne(stage: Stage, story: Story, page: Page): Promise<string | undefined> {
  const scene = new Scene(stage);
  const problem = await attempt(scene, story);
  if (problem !== undefined) await scene.cleanUp();
  const ladder = await scene.ladder();
  page.block(ladder === '' ? '(no SIP ladder)' : page.style('dim', ladder.trimEnd()));
  page.line('  What the bot saw and did:');
  page.block(
    scene
      .seen()
      .flatMap((o) => botLine(o) ?? [])
      .join('\n'),
  );
  if (problem === undefined && ladder === '') return 'the engine has no ladder of the call';
  return problem ?? eventsProblem(scene.events(), story.events) ?? nodesProblem(scene.seen(), story.nodes);
}

async function attempt(scene: Scene, story: Story): Promise<string | undefined> {
  try {
    scene.dial(story.dial);
    await story.play(scene);
    await scene.over();
    return undefined;
  } catch (error) {
    if (error instanceof Unexpected) return error.message;
    throw error;
  }
}
