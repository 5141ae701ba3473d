import { spawn, type ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { Journal, Observation } from './journal.js';
import { memberOf } from './mismatch.js';

const READY_MS = 10_000;
const STOP_MS = 2_000;

/**
 * A program of `examples/`, the very one a user would copy: JSON lines from it go to the journal, commands go to its
 * stdin. The IPC channel is there only for its end: the program leaves when it closes, however we end.
 */
export class Program {
  private stopping = false;

  private constructor(
    readonly name: string,
    /** What it said when it was ready. */
    readonly ready: Readonly<Record<string, unknown>>,
    private readonly child: ChildProcess,
    journal: Journal,
  ) {
    child.once('exit', (code, signal) => {
      if (!this.stopping) journal.fail(`${name} ended by itself (${signal ?? `exit code ${code ?? ''}`})`);
    });
  }

  /** Starts `examples/<script>` and waits until it says that it is ready. */
  static async start(
    name: string,
    script: string,
    args: readonly string[],
    journal: Journal,
  ): Promise<Program> {
    const path = fileURLToPath(new URL(`../../examples/${script}`, import.meta.url));
    const child = spawn(process.execPath, [path, ...args], {
      stdio: ['pipe', 'pipe', 'pipe', 'ipc'],
    });
    try {
      return new Program(name, await readyOf(name, child, journal), child, journal);
    } catch (error) {
      child.kill('SIGKILL');
      throw error;
    }
  }

  tell(line: string): void {
    this.child.stdin?.write(`${line}\n`);
  }

  async stop(): Promise<void> {
    this.stopping = true;
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const gone = new Promise((resolve) => this.child.once('exit', resolve));
    const timer = setTimeout(() => this.child.kill('SIGKILL'), STOP_MS);
    this.child.kill('SIGTERM');
    await gone;
    clearTimeout(timer);
  }
}

function readyOf(
  name: string,
  child: ChildProcess,
  journal: Journal,
): Promise<Readonly<Record<string, unknown>>> {
  const complaints: string[] = [];
  child.stderr?.setEncoding('utf8').on('data', (text: string) => complaints.push(text));
  // A command to a program that has just died must not take us with it; its exit is noticed.
  child.stdin?.on('error', () => undefined);
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`${name} was not ready in time`)), READY_MS);
    child.once('error', reject);
    child.once('exit', () => reject(new Error(`${name} did not start: ${complaints.join('').trim()}`)));
    if (child.stdout === null) return;
    createInterface(child.stdout).on('line', (line) => {
      const said = parsed(line);
      if (said === undefined) return;
      const { kind, ...fields } = said;
      if (kind !== 'ready')
        return observed(String(kind), fields).forEach((o) => journal.add({ by: name, ...o }));
      clearTimeout(timer);
      resolve(fields);
    });
  });
}

/** A bot that is asked says in one line what it was told and what it answered. */
function observed(
  kind: string,
  fields: Readonly<Record<string, unknown>>,
): readonly Pick<Observation, 'kind' | 'fields'>[] {
  if (kind !== 'asked') return [{ kind, fields }];
  const replies = memberOf(fields['answer'], 'replies');
  return [
    { kind: 'event', fields: { event: fields['message'] } },
    ...(Array.isArray(replies) ? [{ kind: 'replies', fields: { replies } }] : []),
  ];
}

function parsed(line: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}
