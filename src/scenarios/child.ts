import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';

/** How long a process may take to leave after SIGTERM before it is killed. */
const TERM_MS = 10_000;

export interface ChildPlace {
  readonly cwd: string;
  /** Takes stdout and stderr. */
  readonly logFile: string;
  /** Aborting kills the child at once. */
  readonly signal: AbortSignal;
}

/** A child of the runner: its output goes to a file, its end is a promise, and it never outlives the runner's will. */
export class Child {
  /** Exit code; `null`: ended by a signal, or never started. */
  readonly exited: Promise<number | null>;
  private ended: { readonly code: number | null } | undefined;
  private readonly child: ChildProcess;

  constructor(command: string, args: readonly string[], { cwd, logFile, signal }: ChildPlace) {
    const log = openSync(logFile, 'a');
    // A group of its own, so that nothing the child has started is left behind (see `kill`).
    this.child = spawn(command, args, { cwd, stdio: ['ignore', log, log], detached: true });
    closeSync(log);
    const abort = (): void => this.kill();
    signal.addEventListener('abort', abort, { once: true });
    this.exited = new Promise((resolve) => {
      this.child.once('error', () => this.end(null, resolve));
      this.child.once('exit', (code) => this.end(code, resolve));
    });
    void this.exited.then(() => signal.removeEventListener('abort', abort));
  }

  /** The exit code once there is one. */
  get exit(): { readonly code: number | null } | undefined {
    return this.ended;
  }

  /** SIGTERM, then SIGKILL; resolves with the exit code. */
  async stop(): Promise<number | null> {
    if (this.ended !== undefined) return this.ended.code;
    this.child.kill('SIGTERM');
    const guard = setTimeout(() => this.kill(), TERM_MS);
    const code = await this.exited;
    clearTimeout(guard);
    return code;
  }

  /** SIGKILL to the child and everything it started. */
  kill(): void {
    const { pid } = this.child;
    if (pid === undefined || this.ended !== undefined) return;
    try {
      process.kill(-pid, 'SIGKILL');
    } catch {
      // Gone between the look and the kill.
    }
  }

  private end(code: number | null, resolve: (code: number | null) => void): void {
    this.ended ??= { code };
    resolve(this.ended.code);
  }
}
