import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '../..');

/** The built binary run with a configuration of the test's own. */
export class EngineProcess {
  stdout = '';
  stderr = '';
  private readonly directory = mkdtempSync(join(tmpdir(), 'switchhook-'));
  private readonly child: ChildProcess;
  readonly exit: Promise<{ code: number | null }>;

  constructor(config: string, args: readonly string[] = [], env: NodeJS.ProcessEnv = {}) {
    const file = join(this.directory, 'config.yaml');
    writeFileSync(file, config);
    this.child = spawn(process.execPath, [join(root, 'dist/main.js'), 'start', '--config', file, ...args], {
      env: { ...process.env, ...env },
    });
    this.child.stdout!.setEncoding('utf8').on('data', (text: string) => (this.stdout += text));
    this.child.stderr!.setEncoding('utf8').on('data', (text: string) => (this.stderr += text));
    this.exit = once(this.child, 'exit').then(([code]) => {
      rmSync(this.directory, { recursive: true, force: true });
      return { code: code as number | null };
    });
  }

  /** The ready line taken apart. */
  async ready(ms = 30_000): Promise<{ line: string; sip: string[]; api: string }> {
    const end = performance.now() + ms;
    while (!this.stdout.includes('\n')) {
      if (performance.now() > end || this.child.exitCode !== null)
        throw new Error(`not ready: ${this.stdout}${this.stderr}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    const line = this.stdout.slice(0, this.stdout.indexOf('\n'));
    const [, sip = '', api = ''] = /^ready sip=(\S+) api=(\S+) /.exec(line) ?? [];
    return { line, sip: sip.split(','), api };
  }

  kill(signal: NodeJS.Signals): void {
    this.child.kill(signal);
  }

  get pid(): number {
    return this.child.pid!;
  }
}

/** Process ids of the children of `pid` (Linux). */
export async function childrenOf(pid: number): Promise<number[]> {
  const { readFile } = await import('node:fs/promises');
  const text = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8');
  return text.trim().split(' ').filter(Boolean).map(Number);
}
