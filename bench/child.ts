import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';

/** How long a process may take to leave after SIGTERM before it is killed. */
const TERM_MS = 5_000;
/** Far more than any of them needs: the machine may have other work. */
const READY_MS = 20_000;

const alive = new Set<ChildProcess>();

/** The last resort, callable from an exit handler: nothing the benchmark started outlives it. */
export function killChildren(): void {
  for (const child of alive) child.kill('SIGKILL');
}

export interface ChildOptions {
  /** Where stderr goes, and stdout too when no ready line is awaited. */
  readonly log: string;
  readonly cwd: string;
  /** Added to the environment. */
  readonly env?: Readonly<Record<string, string>>;
}

/** A process of the benchmark. */
export class Child {
  /** Exit code; `null`: ended by a signal, or never started. */
  readonly exited: Promise<number | null>;
  private readonly child: ChildProcess;
  private over = false;

  constructor(
    command: string,
    args: readonly string[],
    private readonly options: ChildOptions,
    stdout: 'log' | 'pipe' = 'log',
  ) {
    const log = openSync(options.log, 'a');
    this.child = spawn(command, args, {
      cwd: options.cwd,
      env: { ...process.env, ...options.env },
      // stdin is ours as long as we live: programs that follow their parent end with it.
      stdio: ['pipe', stdout === 'pipe' ? 'pipe' : log, log],
    });
    closeSync(log);
    alive.add(this.child);
    this.exited = new Promise((resolve) => {
      const end = (code: number | null): void => {
        this.over = true;
        alive.delete(this.child);
        resolve(code);
      };
      this.child.once('error', () => end(null));
      this.child.once('exit', end);
    });
  }

  get pid(): number {
    return this.child.pid ?? 0;
  }

  get ended(): boolean {
    return this.over;
  }

  /** The first line of stdout that matches; what the process had to say instead becomes the error. */
  async line(pattern: RegExp): Promise<string> {
    const { stdout } = this.child;
    if (stdout === null) throw new Error('this process has no stdout to read');
    const found = new Promise<string>((resolve) => {
      createInterface(stdout).on('line', (line) => {
        if (pattern.test(line)) resolve(line);
      });
    });
    const timer = AbortSignal.timeout(READY_MS);
    const late = new Promise<never>((_, reject) => {
      timer.addEventListener('abort', () => reject(new Error(`not ready in time: ${this.said()}`)));
    });
    const gone = this.exited.then(() =>
      Promise.reject(new Error(`ended before it was ready: ${this.said()}`)),
    );
    return Promise.race([found, late, gone]);
  }

  signal(name: NodeJS.Signals): void {
    if (!this.over) this.child.kill(name);
  }

  /** SIGTERM, then SIGKILL. */
  async stop(): Promise<void> {
    if (this.over) return;
    this.child.stdin?.end();
    this.signal('SIGTERM');
    const guard = setTimeout(() => this.signal('SIGKILL'), TERM_MS);
    await this.exited;
    clearTimeout(guard);
  }

  async kill(): Promise<void> {
    this.signal('SIGKILL');
    await this.exited;
  }

  /** The end of its log, on one line. */
  said(): string {
    return readFileSync(this.options.log, 'utf8').trim().split('\n').slice(-3).join(' | ');
  }
}
