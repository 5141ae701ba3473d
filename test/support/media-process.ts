import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface, type Interface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { MediaAddress } from './media-backend.js';
import { sleep } from './poll.js';

const MAIN = fileURLToPath(new URL('../../dist/embedded/media-server/main.js', import.meta.url));
const SECRET = 'faults';
const PROFILE = 'drachtio_mrf';

/** What is left of its calls on a media server. */
interface LeftThere {
  readonly channels: number;
  readonly conferences: number;
  readonly dialogs: number;
}

interface Ready {
  readonly sip: string;
  readonly esl: string;
}

interface Running {
  readonly child: ChildProcess;
  readonly lines: Interface;
  readonly ready: Ready;
}

/** An embedded media server of the test's own, as a process that can be killed, frozen and brought back. */
export class MediaProcess {
  private constructor(private running: Running) {}

  static async start(): Promise<MediaProcess> {
    return new MediaProcess(await launch(null));
  }

  /** Where the engine finds it, as in the configuration. */
  get address(): MediaAddress {
    const [address = '', port = ''] = this.running.ready.esl.split(':');
    return { address, port: Number(port), secret: SECRET, profile: PROFILE };
  }

  /** As {@link MediaServerState.name} says it. */
  get name(): string {
    return this.running.ready.esl;
  }

  async kill(): Promise<void> {
    const { child } = this.running;
    if (child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, 'exit');
    child.kill('SIGKILL');
    await gone;
  }

  freeze(): void {
    this.running.child.kill('SIGSTOP');
  }

  thaw(): void {
    this.running.child.kill('SIGCONT');
  }

  /** Killed before, it is started again on its ports. */
  async restart(): Promise<void> {
    this.running = await launch(this.running.ready);
  }

  /** Nothing is left of any call. */
  async isEmpty(): Promise<void> {
    const until = performance.now() + 10_000;
    for (;;) {
      const left = await this.left();
      if (Object.values(left).every((n) => n === 0)) return;
      if (performance.now() > until) throw new Error(`${this.name} still has ${JSON.stringify(left)}`);
      await sleep(50);
    }
  }

  private async left(): Promise<LeftThere> {
    const { child, lines } = this.running;
    const line = once(lines, 'line');
    child.stdin?.write('stats\n');
    const [text] = (await line) as [string];
    const { channels, conferences, dialogs } = JSON.parse(text) as LeftThere;
    return { channels, conferences, dialogs };
  }
}

async function launch(before: Ready | null): Promise<Running> {
  const args = [
    ...['--sip', before?.sip ?? '127.0.0.1:0', '--esl', before?.esl ?? '127.0.0.1:0'],
    ...['--profile', PROFILE, '--heartbeat', '1000', '--allow', '127.0.0.0/8'],
  ];
  const child = spawn(process.execPath, [MAIN, '--child', ...args], {
    env: { SWITCHHOOK_MEDIAD_SECRET: SECRET },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const lines = createInterface({ input: child.stdout });
  const [line] = (await once(lines, 'line')) as [string];
  return { child, lines, ready: JSON.parse(line) as Ready };
}
