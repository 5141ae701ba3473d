import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { UsageError } from '../errors.js';
import type { Log } from '../ports/log.js';

/** A server of ours that runs as a process of its own; `R` is what its ready line says. */
export interface ServerProgram<R> {
  /** For people: "the embedded SIP server". */
  readonly what: string;
  /** Folder below `embedded`. */
  readonly folder: string;
  readonly nodeFlags: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** @param before what the first start said, `null` for the first: a later one takes the same ports */
  readonly args: (before: R | null) => readonly string[];
}

export interface ServerProcess<R> {
  readonly ready: R;
  readonly pid: number;
  stop(): Promise<void>;
}

const START_MS = 5_000;
const STOP_MS = 3_000;
/** A server that dies at once again must not be started in a tight loop. */
const RESTART = { firstMs: 500, longestMs: 10_000 } as const;
/** One that ran so long did not die of its start. */
const STEADY_MS = 10_000;

/**
 * Starts a server and keeps it running: when it dies it is started again on the same ports, and whoever is connected
 * to it reconnects by itself. It never outlives us: it ends with its stdin.
 *
 * @throws UsageError with the server's own words, when there is no ready line
 */
export async function startServerProcess<R>(program: ServerProgram<R>, log: Log): Promise<ServerProcess<R>> {
  const first = launch(program, null);
  const ready = await readyLine<R>(first, program.what);
  const keeper = new Keeper(program, ready, log, first);
  return {
    ready,
    get pid() {
      return keeper.pid;
    },
    stop: () => keeper.stop(),
  };
}

class Keeper<R> {
  private stopping = false;
  private pauseMs: number = RESTART.firstMs;
  private timer: NodeJS.Timeout | null = null;

  constructor(
    private readonly program: ServerProgram<R>,
    private readonly ready: R,
    private readonly log: Log,
    private child: ChildProcess,
  ) {
    this.watch();
  }

  get pid(): number {
    return this.child.pid ?? 0;
  }

  async stop(): Promise<void> {
    this.stopping = true;
    if (this.timer !== null) clearTimeout(this.timer);
    await end(this.child);
  }

  private watch(): void {
    const since = performance.now();
    const errors = wordsOf(this.child);
    this.child.stdout?.resume();
    this.child.once('exit', (code, signal) => {
      if (this.stopping) return;
      if (performance.now() - since > STEADY_MS) this.pauseMs = RESTART.firstMs;
      const said = errors.join('').trim();
      this.log.error({ code, signal, said }, `${this.program.what} died; starting it again`);
      this.timer = setTimeout(() => {
        this.child = launch(this.program, this.ready);
        this.watch();
      }, this.pauseMs);
      this.pauseMs = Math.min(RESTART.longestMs, this.pauseMs * 2);
    });
  }
}

function launch<R>({ folder, nodeFlags, env, args }: ServerProgram<R>, before: R | null): ChildProcess {
  return spawn(process.execPath, [...nodeFlags, entryOf(folder), '--child', ...args(before)], {
    env,
    stdio: ['pipe', 'pipe', 'pipe'],
  });
}

/** Built code only: under a test runner this file runs from `src`, the server still from `dist`. */
const entryOf = (folder: string): string => {
  const root = import.meta.url.endsWith('.ts') ? '../../dist/embedded' : '../embedded';
  return fileURLToPath(new URL(`${root}/${folder}/main.js`, import.meta.url));
};

/** The last of what it says on stderr. */
function wordsOf(child: ChildProcess): string[] {
  const words: string[] = [];
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    words.push(text);
    if (words.length > 20) words.shift();
  });
  return words;
}

/** The server's one line, or its own words why there is none. */
async function readyLine<R>(child: ChildProcess, what: string): Promise<R> {
  const errors = wordsOf(child);
  const line = new Promise<string>((resolve, reject) => {
    if (child.stdout !== null) createInterface(child.stdout).once('line', resolve);
    child.once('error', reject);
    child.once('exit', () => reject(new UsageError(errors.join('').trim() || `${what} did not start`)));
    setTimeout(() => reject(new UsageError(`${what} did not start in time`)), START_MS).unref();
  });
  try {
    return JSON.parse(await line) as R;
  } catch (error) {
    child.kill('SIGKILL');
    throw error;
  }
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  child.stdin?.end();
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), STOP_MS);
  await gone;
  clearTimeout(timer);
}
