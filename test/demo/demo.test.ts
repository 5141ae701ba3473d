import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

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

  it('shows three calls that went as told, and leaves nothing behind', async () => {
    const run = await demo();
    expect(run.stderr).toBe('');
    expect(run.code).toBe(0);
    expect(run.stdout).toMatch(
      /^ready sip=udp:127\.0\.0\.1:\d+ api=http:\/\/127\.0\.0\.1:\d+ signalling=embedded /m,
    );
    expect(run.stdout).toMatch(/^3 of 3 calls went as told/m);
    // Not a terminal: no colours.
    expect(run.stdout).not.toContain('\u001b');
    expect(run.left).toEqual([]);

    const calls = callsIn(run.stdout);
    expect(calls).toHaveLength(3);
    for (const call of calls) {
      expect(call).toMatch(/^ +caller +switchhook +bot +agent-1$/m);
      expect(call).toMatch(/^ +\+0\.000 +\|-+ INVITE \(SDP\) -+>\|/m);
      expect(call).toMatch(/^ +1 {3}call\.started +from=16125550100 to=1800555010\d trunk=carrier$/m);
      expect(call).toMatch(/^ +\d+ {3}call\.ended +by=/m);
      expect(call.match(/transfer\.(completed|failed|cancelled)/g)).toHaveLength(1);
      expect(call).toMatch(/^as told: yes: /m);
    }
    const [success, busy, ringing] = calls;
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
  });

  it.each([
    ['answer', 1],
    ['busy', 2],
  ])('notices when "%s" goes wrong: exit 1, and the reason', async (part, call) => {
    const run = await demo('--break', part);
    expect(run.code).toBe(1);
    expect(run.stdout.match(/^as told: no: expected that /gm)).toHaveLength(1);
    expect(callsIn(run.stdout)[call - 1]).toMatch(/^as told: no: /m);
    expect(run.stdout).toMatch(/^2 of 3 calls went as told/m);
    expect(run.stderr).toMatch(new RegExp(`^switchhook: demo: call ${call}: expected that .+\n$`));
    expect(run.left).toEqual([]);
  });

  it('refuses a part it does not have', async () => {
    const run = await demo('--break', 'everything');
    expect(run.code).toBe(2);
    expect(run.stderr).toBe(
      'demo: --break everything is no part of the demo; one of answer, busy, ringing\n',
    );
  });
});
