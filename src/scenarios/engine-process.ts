import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { ScenarioFailure } from './failure.js';
import { Child } from './child.js';
import { until } from './until.js';

/** How the engine is started: a command and its first arguments; `start --config FILE` is added. */
export type EngineCommand = readonly [command: string, ...args: string[]];

/** Far more than an engine needs (CONTRACT 1: 5 s), because a machine that runs all tests at once has other work too. */
const READY_MS = 30_000;

/** A line of the engine's log at level error or fatal. */
const ERROR_LINE = /^\{"level":[56]0,.*$/m;

/** What the runner needs of an HTTP answer. */
export interface Answer {
  readonly status: number;
  /** Parsed when it was JSON, else the text. */
  readonly body: unknown;
}

/** A fresh engine as users start it: a process of its own with a configuration file, reached over HTTP. */
export class EngineProcess {
  private child: Child | undefined;

  constructor(
    private readonly command: EngineCommand,
    private readonly directory: string,
    private readonly api: string,
  ) {}

  async start(config: unknown, signal: AbortSignal): Promise<void> {
    const file = join(this.directory, 'config.yaml');
    await writeFile(file, stringify(config));
    const [command, ...args] = this.command;
    const child = new Child(command, [...args, 'start', '--config', file], {
      cwd: this.directory,
      logFile: this.logFile,
      signal,
    });
    this.child = child;
    const ready = await until(READY_MS, signal, async () => {
      const log = await readFile(this.logFile, 'utf8');
      return child.exit === undefined ? /^ready .*$/m.exec(log)?.[0] : '';
    });
    if (ready === undefined) throw new ScenarioFailure('engine', `no ready line within ${READY_MS} ms`);
    if (ready === '')
      throw new ScenarioFailure('engine', `ended before it was ready: ${(await this.tail()).trim()}`);
  }

  async request(
    method: string,
    path: string,
    headers: Readonly<Record<string, string>>,
    body?: unknown,
  ): Promise<Answer> {
    const response = await fetch(`${this.api}${path}`, {
      method,
      headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(5000),
    });
    const text = await response.text();
    const json = (response.headers.get('content-type') ?? '').includes('json');
    return { status: response.status, body: json ? (JSON.parse(text) as unknown) : text };
  }

  /** SIGTERM; an engine that does not end by itself with 0, or has logged an error, has something to hide. */
  async stop(): Promise<ScenarioFailure | undefined> {
    if (this.child === undefined) return undefined;
    const code = await this.child.stop();
    if (code !== 0) return new ScenarioFailure('engine', `ended with ${code ?? 'a signal'} after SIGTERM`);
    const error = ERROR_LINE.exec(await readFile(this.logFile, 'utf8'))?.[0];
    return error === undefined ? undefined : new ScenarioFailure('engine log', error);
  }

  kill(): void {
    this.child?.kill();
  }

  async tail(): Promise<string> {
    const log = await readFile(this.logFile, 'utf8').catch(() => '');
    return log.split('\n').slice(-25).join('\n');
  }

  private get logFile(): string {
    return join(this.directory, 'engine.log');
  }
}
