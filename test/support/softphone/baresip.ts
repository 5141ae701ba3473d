import { spawn, type ChildProcess } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import { sleep, until } from '../poll.js';
import { baresipHome } from './baresip-home.js';
import { netstring, NetstringCutter } from './netstrings.js';

/** What baresip tells of itself: `CALL_INCOMING`, `CALL_ESTABLISHED`, `TRANSFER_FAILED` ...; `param` is its display. */
export interface BaresipEvent {
  readonly type: string;
  readonly param: string;
}

interface Line {
  readonly event?: boolean;
  readonly type?: string;
  readonly param?: string;
  readonly token?: string;
  readonly ok?: boolean;
  readonly data?: string;
}

const WAIT_MS = 8000;

/** A softphone nobody of us wrote, driven over its control port. Needs `whyNoBaresip === null`. */
export class Baresip {
  /** Told, and not asked for yet. */
  private told: BaresipEvent[] = [];
  /** Its terminal, every SIP message included, and how much of it `forget` has put behind us. */
  private output = '';
  private read = 0;
  private commands = 0;
  private readonly answers = new Map<string, Line>();
  private readonly cutter = new NetstringCutter();
  private socket: Socket | null = null;

  private constructor(
    readonly user: string,
    private readonly sipPort: number,
    private readonly home: string,
    private readonly child: ChildProcess,
  ) {
    for (const stream of [child.stdout, child.stderr])
      stream?.setEncoding('utf8').on('data', (text: string) => (this.output += text));
  }

  static async start(user: string): Promise<Baresip> {
    const sipPort = await freePorts();
    const controlPort = await freePorts();
    const home = baresipHome(user, sipPort, controlPort);
    const child = spawn('baresip', ['-f', home, '-s'], { stdio: ['ignore', 'pipe', 'pipe'] });
    const phone = new Baresip(user, sipPort, home, child);
    try {
      await phone.attach(controlPort);
    } catch (error) {
      await phone.stop();
      throw error;
    }
    return phone;
  }

  get uri(): string {
    return `sip:${this.user}@127.0.0.1:${this.sipPort}`;
  }

  dial(uri: string): Promise<void> {
    return this.command('dial', uri);
  }

  /** Takes the call that rings, as soon as one does. */
  async answer(): Promise<void> {
    await this.next('CALL_INCOMING');
    await this.command('accept');
    await this.next('CALL_ESTABLISHED');
  }

  /** Turns the call away that rings, as soon as one does: 486. */
  async decline(): Promise<void> {
    await this.next('CALL_INCOMING');
    await this.command('hangup');
  }

  /** A key of its keypad, or a command of its menu, as it is called there. */
  async command(command: string, params = ''): Promise<void> {
    const token = String(++this.commands);
    this.socket?.write(netstring(JSON.stringify({ command, params, token })));
    await until(
      () => this.answers.has(token),
      () => `${this.user}: no answer to ${command}`,
      WAIT_MS,
    );
    const { ok, data } = this.answers.get(token) ?? {};
    if (ok !== true) throw new Error(`${this.user}: ${command} ${params}: ${data ?? 'failed'}`);
  }

  /** An event of a type, told since `forget` and not yet asked for: what happens at once comes in any order. */
  async next(type: string): Promise<BaresipEvent> {
    const at = (): number => this.told.findIndex((event) => event.type === type);
    await until(
      () => at() >= 0,
      () => this.missed(type),
      WAIT_MS,
    );
    const [event] = this.told.splice(at(), 1);
    return event!;
  }

  /** Waits until its terminal has shown this, since `forget`: the SIP messages it got and sent. */
  async shows(pattern: RegExp): Promise<void> {
    await until(
      () => pattern.test(this.output.slice(this.read)),
      () => this.missed(String(pattern)),
      WAIT_MS,
    );
  }

  /** From here on only what comes counts. */
  forget(): void {
    this.told = [];
    this.read = this.output.length;
  }

  async stop(): Promise<void> {
    this.socket?.destroy();
    if (this.child.exitCode === null && this.child.signalCode === null) {
      const exit = once(this.child, 'exit');
      this.child.kill('SIGKILL');
      await exit;
    }
    rmSync(this.home, { recursive: true, force: true });
  }

  private missed(what: string): string {
    return `${this.user}: no ${what} in ${JSON.stringify(this.told)}\n${this.output.slice(this.read)}`;
  }

  private async attach(port: number): Promise<void> {
    const end = performance.now() + WAIT_MS;
    for (;;) {
      if (this.child.exitCode !== null) throw new Error(`baresip has ended: ${this.output}`);
      const socket = await connected(port);
      if (socket !== null) {
        this.listen(socket);
        return;
      }
      if (performance.now() > end) throw new Error(`baresip does not listen: ${this.output}`);
      await sleep(20);
    }
  }

  private listen(socket: Socket): void {
    this.socket = socket;
    socket.on('error', () => undefined);
    socket.on('data', (chunk) => {
      for (const text of this.cutter.push(chunk)) this.take(JSON.parse(text) as Line);
    });
  }

  private take(line: Line): void {
    if (line.event === true) this.told.push({ type: line.type ?? '', param: line.param ?? '' });
    else if (line.token !== undefined) this.answers.set(line.token, line);
  }
}

function connected(port: number): Promise<Socket | null> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => resolve(socket));
    socket.once('error', () => resolve(null));
  });
}

/** A port free for UDP and TCP whose neighbour is free too: baresip takes `port + 1` for TLS. */
async function freePorts(): Promise<number> {
  for (let left = 50; left > 0; left -= 1) {
    const port = randomInt(20_000, 30_000);
    if ((await freeUdp(port)) && (await freeTcp(port)) && (await freeTcp(port + 1))) return port;
  }
  throw new Error('no free ports');
}

const freeUdp = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = createSocket('udp4');
    socket.once('error', () => resolve(false));
    socket.bind(port, '127.0.0.1', () => socket.close(() => resolve(true)));
  });

const freeTcp = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen({ host: '127.0.0.1', port, exclusive: true }, () => server.close(() => resolve(true)));
  });
