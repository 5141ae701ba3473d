import { UsageError } from '../errors.js';
import { botLine } from './event-line.js';
import { Unexpected } from './journal.js';
import { Page, type Output } from './page.js';
import { eventsProblem, nodesProblem } from './as-told.js';
import { Scene } from './scene.js';
import { startStage, type Stage, type StagePlan } from './stage.js';
import { DIRECT_STORIES, type Story } from './story.js';
import { voice } from './voice-story.js';
import type { Heard } from './voice-heard.js';
import { newKeep } from './keep.js';

export interface DemoOptions {
  readonly stdout: Output;
  readonly stderr: { write(text: string): unknown };
  /** A self-check: one of {@link DEMO_PARTS} is played by the wrong phone, and the demo has to notice. */
  readonly breaks?: string | null;
  /** Below it each demo leaves what was recorded. */
  readonly dir: string;
  /** PATH, where programs are looked for. */
  readonly path: string;
  /** Aborted when the user interrupts. */
  readonly signal?: AbortSignal;
}

const STORIES: readonly Story[] = [...DIRECT_STORIES, voice];

export const DEMO_PARTS = STORIES.map((story) => story.part);

/**
 * Places real calls through an engine with everything embedded and shows what went over the wire, what the bot was
 * told, and what was heard.
 *
 * @returns the exit code: 0 when all went as told
 * @throws UsageError when `breaks` names no part
 */
export async function runDemo({
  stdout,
  stderr,
  breaks = null,
  dir,
  path,
  signal,
}: DemoOptions): Promise<number> {
  if (breaks !== null && !DEMO_PARTS.includes(breaks)) {
    throw new UsageError(`demo: --break ${breaks} is no part of the demo; one of ${DEMO_PARTS.join(', ')}`);
  }
  const page = new Page(stdout);
  page.line('Starting an engine, two bots and some phones, all on free ports of 127.0.0.1 ...');
  const keep = await newKeep(dir, new Date());
  const stage = await startStage({ ...castFor(breaks), keep, path }).catch((error: unknown) => {
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

/** Whom the bots hand their callers to. */
function castFor(breaks: string | null): Pick<StagePlan, 'handover' | 'voiceCallees'> {
  const callees = (story: Story): readonly [string, ...string[]] =>
    story.part === breaks ? story.wrongCallees : story.callees;
  const handover = DIRECT_STORIES.map((story) => [story.dial, callees(story)[0]] as const);
  return { handover: Object.fromEntries(handover), voiceCallees: callees(voice) };
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
  page.line(`Listen to the recording: ${stage.recordings} (left the caller, right what it heard)`);
  page.line(`What each phone heard:   ${stage.tapes}`);
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
  const heard = problem === undefined ? story.hearing?.(scene) : undefined;
  if (heard !== undefined) showHeard(heard, page);
  if (problem === undefined && ladder === '') return 'the engine has no ladder of the call';
  return (
    problem ??
    eventsProblem(scene.events(), story.events) ??
    nodesProblem(scene.seen(), story.nodes) ??
    heard?.problems[0]
  );
}

function showHeard({ lines }: Heard, page: Page): void {
  page.line('  What was heard:');
  page.block(lines.map((line) => `     ${line}`).join('\n'));
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
