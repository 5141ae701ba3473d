import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { createInterface } from 'node:readline';
import { afterEach, describe, expect, it } from 'vitest';

/** Built code, as it is installed. */
const ENTRY = fileURLToPath(new URL('../../../dist/embedded/media-server/main.js', import.meta.url));

interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly error: string;
}

describe('switchhook-mediad', () => {
  const children: ChildProcess[] = [];
  afterEach(() => {
    for (const child of children.splice(0)) child.kill('SIGKILL');
  });

  function start(args: readonly string[]): ChildProcess {
    const child = spawn(process.execPath, [ENTRY, ...args], {
      env: { SWITCHHOOK_MEDIAD_SECRET: 'secret' },
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    children.push(child);
    return child;
  }

  async function run(args: readonly string[]): Promise<Ended> {
    const child = start(args);
    let out = '';
    let error = '';
    child.stdout?.setEncoding('utf8').on('data', (text: string) => (out += text));
    child.stderr?.setEncoding('utf8').on('data', (text: string) => (error += text));
    const [code] = (await once(child, 'close')) as [number | null];
    return { code, out, error };
  }

  const free = ['--child', '--sip', '127.0.0.1:0', '--esl', '127.0.0.1:0'];

  it('says where it listens, tells its statistics, and ends with its stdin', async () => {
    const child = start(free);
    const lines = createInterface(child.stdout!)[Symbol.asyncIterator]();
    const ready = JSON.parse(String((await lines.next()).value)) as Record<string, unknown>;
    expect(ready).toMatchObject({ ready: true, pid: child.pid });
    expect(ready['sip']).toMatch(/^127\.0\.0\.1:\d+$/);
    expect(ready['esl']).toMatch(/^127\.0\.0\.1:\d+$/);
    child.stdin!.write('stats\n');
    const stats = JSON.parse(String((await lines.next()).value)) as Record<string, unknown>;
    expect(stats).toMatchObject({ channels: 0, conferences: 0, dialogs: 0 });
    child.stdin!.end();
    const [code] = (await once(child, 'exit')) as [number | null];
    expect(code).toBe(0);
  });

  it('ends on SIGTERM', async () => {
    const child = start(free);
    await once(child.stdout!, 'data');
    child.kill('SIGTERM');
    const [code] = (await once(child, 'exit')) as [number | null];
    expect(code).toBe(0);
  });

  it('--help explains every option', async () => {
    const { code, out } = await run(['--help']);
    expect(code).toBe(0);
    expect(out).toContain('--rtp-ports FROM-TO');
  });

  it('bad usage, and a port that is taken, are one sentence and exit code 2', async () => {
    expect(await run(['--sip', 'x'])).toMatchObject({
      code: 2,
      error: expect.stringContaining('--sip wants') as string,
    });
    const child = start(free);
    const line = String((await createInterface(child.stdout!)[Symbol.asyncIterator]().next()).value);
    const { esl } = JSON.parse(line) as { esl: string };
    const taken = await run(['--sip', '127.0.0.1:0', '--esl', esl]);
    expect(taken).toMatchObject({
      code: 2,
      error: expect.stringContaining(`applications on ${esl}`) as string,
    });
  });
});
