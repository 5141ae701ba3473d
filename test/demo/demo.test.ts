import { spawn } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { channelsOf, msOf, toneIn } from '../../src/demo/hearing.js';

const main = fileURLToPath(new URL('../../dist/main.js', import.meta.url));

interface Run {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** Processes the demo started that are still there after it. */
  readonly left: readonly number[];
}

/** The built demo, as a user runs it with its output in a pipe. */
async function demo(...args: string[]): Promise<Run> {
  const child = spawn(process.execPath, [main, 'demo', ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  const out: Record<'stdout' | 'stderr', string> = { stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => (out.stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (out.stderr += text));
  const children = new Set<number>();
  const look = setInterval(
    () => void childrenOf(child.pid ?? 0).then((found) => found.forEach((p) => children.add(p))),
    200,
  );
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  clearInterval(look);
  return { code, ...out, left: [...children].filter(isAlive) };
}

let whole: Promise<Run> | undefined;
/** One run is enough to look at from several sides. */
const wholeDemo = (): Promise<Run> => (whole ??= demo());

/** Children by parent, where the system tells (Linux); elsewhere none are found and nothing is claimed. */
async function childrenOf(pid: number): Promise<number[]> {
  const text = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8').catch(() => '');
  return text.split(' ').filter(Boolean).map(Number);
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

/** What is printed between one headline and the next. */
const callsIn = (stdout: string): readonly string[] => stdout.split(/^Call \d: /m).slice(1);

describe('switchhook demo', { timeout: 90_000 }, () => {
  const taken = createServer();

  // The port of the default API is taken: by this, or by whoever has it already.
  beforeAll(
    () =>
      new Promise<void>((resolve) => {
        taken.once('error', () => resolve());
        taken.listen(8080, '127.0.0.1', () => resolve());
      }),
  );
  afterAll(() => void taken.close());

  it('shows four calls that went as told, and leaves no process behind', async () => {
    const run = await wholeDemo();
    expect(run.stderr).toBe('');
    expect(run.code).toBe(0);
    expect(run.stdout).toMatch(
      /^ready sip=udp:127\.0\.0\.1:\d+ api=http:\/\/127\.0\.0\.1:\d+ signalling=embedded media=embedded /m,
    );
    expect(run.stdout).toMatch(/^4 of 4 calls went as told/m);
    // Not a terminal: no colours.
    expect(run.stdout).not.toContain('\u001b');
    expect(run.left).toEqual([]);

    const calls = callsIn(run.stdout);
    expect(calls).toHaveLength(4);
    for (const call of calls) {
      expect(call).toMatch(/^ +caller +switchhook +(bot|agent-1) +agent-\d$/m);
      expect(call).toMatch(/^ +\+0\.000 +\|-+ INVITE \(SDP\) -+>\|/m);
      expect(call).toMatch(/^ +1 {3}call\.started +from=16125550100 to=1[89]00555010\d trunk=carrier$/m);
      expect(call).toMatch(/^ +\d+ {3}call\.ended +by=/m);
      const verdicts = call.match(/transfer\.(completed|failed|cancelled)/g) ?? [];
      expect(verdicts).toHaveLength(call.match(/transfer\.requested/g)?.length ?? 0);
      expect(call).toMatch(/^as told: yes: /m);
    }
    const [success, busy, ringing, voice] = calls;
    expect(success).toMatch(
      /transfer\.completed +outcome=answered .*next=return transferStatus=\{SUCCESS, hangup: false\}/,
    );
    expect(success).toMatch(/transfer\.returned\n.*the bot goes to CSAT/);
    expect(busy).toContain('486 Busy Here');
    expect(busy).toMatch(
      /transfer\.failed +outcome=busy sipCode=486 next=goto:Apology transferStatus=\{FAIL, hangup: false\}/,
    );
    expect(busy).toContain('the bot goes to Apology');
    expect(ringing).toContain('CANCEL');
    expect(ringing).toMatch(
      /transfer\.failed +outcome=caller_hangup .*transferStatus=\{FAIL, hangup: true\}/,
    );
    expect(voice).toMatch(
      /transfer\.failed +outcome=busy [^]*I will try somebody else[^]*transfer\.completed/,
    );
    for (const line of [
      /the caller heard the bot's words, .+, for \d+\.\d s$/m,
      /hold music \(config\/sounds\/moh\.wav\) for [1-9]\d*\.\d s$/m,
      /the agent for \d\.\d s, \d+ ms after it began to speak; \d+ ms of silence in between$/m,
      /the agent heard the caller for \d\.\d s$/m,
    ])
      expect(voice).toMatch(line);
  });

  it('leaves the recording where it says, with both sides in it', async () => {
    const run = await wholeDemo();
    const [, dir = ''] = /^Listen to the recording: (\S+) /m.exec(run.stdout) ?? [];
    const files = (await readdir(dir)).sort();
    expect(files.map((file) => file.replace(/^call_.+?-(?=\d-)/, ''))).toEqual([
      '1-bot.wav',
      '2-agent.wav',
      '3-bot.wav',
    ]);
    const [left, right] = channelsOf(join(dir, files[1]!));
    const told = run.stdout.match(/recorded {3}call_.+-2-agent\.wav, (\d\.\d) s/)?.[1];
    expect(msOf(left!) / 1000).toBeCloseTo(Number(told), 1);
    // The caller's voice and the agent's, each in its own ear.
    expect([toneIn(left!, 440), toneIn(left!, 620)]).toEqual([expect.anything(), undefined]);
    expect([toneIn(right!, 440), toneIn(right!, 620)]).toEqual([undefined, expect.anything()]);
  });

  it.each([
    ['busy', 2],
    ['voice', 4],
  ])('notices when "%s" goes wrong: exit 1, and the reason', async (part, call) => {
    const run = await demo('--break', part);
    expect(run.code).toBe(1);
    expect(run.stdout.match(/^as told: no: expected that /gm)).toHaveLength(1);
    expect(callsIn(run.stdout)[call - 1]).toMatch(/^as told: no: /m);
    expect(run.stdout).toMatch(/^3 of 4 calls went as told/m);
    expect(run.stderr).toMatch(new RegExp(`^switchhook: demo: call ${call}: expected that .+\n$`));
    expect(run.left).toEqual([]);
  });

  it('refuses a part it does not have', async () => {
    const run = await demo('--break', 'everything');
    expect(run.code).toBe(2);
    expect(run.stderr).toBe(
      'demo: --break everything is no part of the demo; one of answer, busy, ringing, voice\n',
    );
  });
});
