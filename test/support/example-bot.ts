import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { eventually } from './eventually.js';

/** What an example bot was asked, and what it said. */
export interface Exchange {
  readonly message: Readonly<Record<string, unknown>>;
  readonly answer: unknown;
}

/** A bot of `examples/` in a process of its own, started as its README says. */
export class ExampleBot {
  readonly exchanges: Exchange[] = [];
  url = '';

  private constructor(private readonly child: ChildProcess) {
    if (child.stdout === null) throw new Error('its output is a pipe');
    createInterface(child.stdout).on('line', (line) =>
      this.hear(JSON.parse(line) as Record<string, unknown>),
    );
  }

  /** @param script path below `examples/` */
  static async start(script: string, ...args: readonly string[]): Promise<ExampleBot> {
    const path = fileURLToPath(new URL(`../../examples/${script}`, import.meta.url));
    const child = spawn(process.execPath, [path, '--listen', '127.0.0.1:0', ...args], {
      stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
    });
    const bot = new ExampleBot(child);
    await eventually(() => bot.url).not.toBe('');
    return bot;
  }

  async stop(): Promise<void> {
    const gone = once(this.child, 'exit');
    this.child.disconnect();
    await gone;
  }

  private hear(line: Record<string, unknown>): void {
    if (line['kind'] === 'ready') this.url = String(line['url']);
    if (line['kind'] === 'asked') this.exchanges.push(line as unknown as Exchange);
  }
}
