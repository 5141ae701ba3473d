import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { FreeswitchServer } from '../../../src/adapters/freeswitch/options.js';
import { until } from '../../support/poll.js';

/** Built code, as it is installed. */
const ENTRY = fileURLToPath(new URL('../../../dist/embedded/media-server/main.js', import.meta.url));
const SECRET = 'contract';

/** The embedded media server as a process: it can be killed, frozen, and started again on the same ports. */
export class MediaProcess {
  readonly directory = mkdtempSync(join(tmpdir(), 'switchhook-media-'));
  private child!: ChildProcess;
  private lines!: AsyncIterator<string, undefined>;
  private sip = '127.0.0.1:0';
  private esl = '127.0.0.1:0';

  private constructor(private readonly args: readonly string[]) {}

  static async start(...args: readonly string[]): Promise<MediaProcess> {
    const server = new MediaProcess(args);
    await server.launch();
    return server;
  }

  get config(): FreeswitchServer {
    const [address = '', port = ''] = this.esl.split(':');
    return { name: this.esl, address, port: Number(port), secret: SECRET, profile: 'drachtio_mrf' };
  }

  async stats(): Promise<Readonly<Record<string, number>>> {
    this.child.stdin!.write('stats\n');
    return JSON.parse(await this.line()) as Record<string, number>;
  }

  /** Waits until nothing is left of the calls. */
  async idle(): Promise<void> {
    let left: unknown;
    const end = performance.now() + 6000;
    do {
      const { channels, dialogs, conferences } = await this.stats();
      left = { channels, dialogs, conferences };
      if (channels === 0 && dialogs === 0 && conferences === 0) return;
      await new Promise((resolve) => setTimeout(resolve, 20));
    } while (performance.now() < end);
    throw new Error(`left over in the media server: ${JSON.stringify(left)}`);
  }

  freeze(): void {
    this.child.kill('SIGSTOP');
  }

  thaw(): void {
    this.child.kill('SIGCONT');
  }

  async kill(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const gone = once(this.child, 'exit');
    this.child.kill('SIGKILL');
    await gone;
  }

  /** On the same ports as before. */
  async restart(): Promise<void> {
    await this.kill();
    await this.launch();
  }

  async close(): Promise<void> {
    await this.kill();
    rmSync(this.directory, { recursive: true, force: true });
  }

  private async launch(): Promise<void> {
    const { directory, sip, esl } = this;
    const args = ['--child', '--sip', sip, '--esl', esl, '--sounds', directory, '--recordings', directory];
    this.child = spawn(process.execPath, [ENTRY, ...args, ...this.args], {
      env: { SWITCHHOOK_MEDIAD_SECRET: SECRET },
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    this.lines = createInterface(this.child.stdout!)[Symbol.asyncIterator]();
    const ready = JSON.parse(await this.line()) as { sip: string; esl: string };
    this.sip = ready.sip;
    this.esl = ready.esl;
    await until(() => this.child.pid !== undefined, 'a process');
  }

  private async line(): Promise<string> {
    const { value } = await this.lines.next();
    if (value === undefined) throw new Error('the media server ended');
    return value;
  }
}
