import { RedisServer } from '../contract/store/redis-server.js';
import { startEmbedded, type Backend } from '../support/drachtio-backend.js';
import { EngineProcess } from '../support/engine-process.js';
import { sleep, until } from '../support/poll.js';
import type { Address } from '../support/sip-phone/index.js';
import { WebhookReceiver } from '../support/webhook-receiver.js';
import { BusyPhone } from './kill-phones.js';
import { BotLedger } from './kill-ledger.js';

/** An engine that is killed and started again, as a supervisor would. */
interface Seat {
  process: EngineProcess;
  /** `null` while it is not ready. */
  api: string | null;
  /** When it is. */
  coming: Promise<void>;
  /** Of every life it had: what it wrote to stderr. */
  readonly complaints: string[];
}

interface Answer {
  readonly status: number;
  readonly body: Record<string, unknown>;
}

/** Engines on two SIP servers and one Redis, a bot, an agent, and somebody with a gun. */
export class KillWorld {
  readonly ledger = new BotLedger();
  /** When engines were killed, ms since the epoch. */
  readonly kills: number[] = [];

  private constructor(
    private readonly sipServers: readonly Backend[],
    private readonly redis: RedisServer,
    private readonly receiver: WebhookReceiver,
    readonly bot: BusyPhone,
    readonly agent: BusyPhone,
    private readonly seats: Seat[],
  ) {}

  static async open(engines: number): Promise<KillWorld> {
    const [sipServers, redis, receiver, bot, agent] = await Promise.all([
      Promise.all([startEmbedded({ timers: TIMERS }), startEmbedded({ timers: TIMERS })]),
      RedisServer.start(),
      WebhookReceiver.start(),
      BusyPhone.bot(),
      BusyPhone.agent(),
    ]);
    const world = new KillWorld(sipServers, redis, receiver, bot, agent, []);
    receiver.otherwise = (request, response) => {
      world.ledger.take(request);
      response.writeHead(204).end();
    };
    await Promise.all(Array.from({ length: engines }, () => world.seat()));
    return world;
  }

  /** Either of the SIP servers. */
  sip(random: () => number): Address {
    const server = this.sipServers[Math.floor(random() * this.sipServers.length)];
    if (server === undefined) throw new Error('there are two');
    return server.sip();
  }

  /** Kills an engine that is ready; another one is started in its place. @returns false when none was ready */
  async kill(random: () => number): Promise<boolean> {
    const ready = this.seats.filter(({ api }) => api !== null);
    const seat = ready[Math.floor(random() * ready.length)];
    if (seat === undefined) return false;
    seat.api = null;
    this.kills.push(Date.now());
    seat.process.kill('SIGKILL');
    await seat.process.exit;
    if (seat.process.stderr !== '') seat.complaints.push(seat.process.stderr);
    seat.process = new EngineProcess(this.config());
    seat.coming = this.comes(seat);
    return true;
  }

  /** Asks any engine; `null`: it was killed, or nobody is there. */
  async ask(random: () => number, method: string, path: string, body?: unknown): Promise<Answer | null> {
    const ready = this.seats.filter(({ api }) => api !== null);
    const api = ready[Math.floor(random() * ready.length)]?.api;
    if (api == null) return null;
    const json = body === undefined ? {} : { headers: JSON_TYPE, body: JSON.stringify(body) };
    try {
      const answer = await fetch(api + path, { method, ...json, signal: AbortSignal.timeout(10_000) });
      const text = await answer.text();
      return { status: answer.status, body: text === '' ? {} : (JSON.parse(text) as Answer['body']) };
    } catch {
      return null;
    }
  }

  /** All engines are ready and none has a call; everything told is with the bot. */
  async quiet(): Promise<void> {
    await Promise.all(this.seats.map(({ coming }) => coming));
    const live = async (): Promise<number> => {
      const pages = await Promise.all(
        this.seats.map(async ({ api }) => {
          if (api === null) return 1;
          const page = (await (await fetch(`${api}/v1/calls`)).json()) as { items: unknown[] };
          return page.items.length;
        }),
      );
      return pages.reduce((a, b) => a + b, 0);
    };
    const end = performance.now() + 60_000;
    while ((await live()) > 0) {
      if (performance.now() > end) throw new Error(`${await live()} calls are left`);
      await sleep(100);
    }
    await until(
      () => this.openDialogs.length === 0,
      () => `dialogs are left: ${this.openDialogs.join('; ')}`,
      40_000,
    );
  }

  get openDialogs(): readonly string[] {
    const server = this.sipServers.reduce((sum, { server }) => sum + (server?.stats().dialogs ?? 0), 0);
    return [...this.bot.open, ...this.agent.open, ...(server > 0 ? [`${server} on the SIP servers`] : [])];
  }

  /** What engines complained of. */
  get complaints(): string {
    return this.seats.flatMap(({ complaints, process }) => [...complaints, process.stderr]).join('');
  }

  async close(): Promise<void> {
    for (const { process } of this.seats) process.kill('SIGKILL');
    await Promise.all(this.seats.map(({ process }) => process.exit));
    await Promise.all([this.bot.close(), this.agent.close(), this.receiver.stop()]);
    await Promise.all([...this.sipServers.map((server) => server.close()), this.redis.stop()]);
  }

  private async seat(): Promise<void> {
    const process = new EngineProcess(this.config());
    const seat: Seat = { process, api: null, coming: Promise.resolve(), complaints: [] };
    this.seats.push(seat);
    await this.comes(seat);
  }

  private async comes(seat: Seat): Promise<void> {
    const { process } = seat;
    const { api } = await process.ready();
    if (seat.process === process) seat.api = api;
  }

  private config(): string {
    const servers = this.sipServers.map(
      ({ admin: { host, port, secret } }) => `{ host: "${host}", port: ${port}, secret: "${secret}" }`,
    );
    return `
sip: { server: [ ${servers.join(', ')} ] }
media: { server: none }
api: { listen: "127.0.0.1:0" }
log: { level: error }
store: "redis://127.0.0.1:${this.redis.port}/0"
trunks: { carrier: { allow: [ "127.0.0.1/32" ], proxy: "sip:127.0.0.1:9" } }
channels:
  line:
    match: { trunk: carrier, did: [ "1800*" ] }
    trunk: carrier
    bot: { kind: sip, uri: "${this.bot.phone.uri}", events: { url: "${this.receiver.url}", dialect: native } }
`;
  }
}

const JSON_TYPE = { 'content-type': 'application/json' };

/** Those of the RFC but for how long a far end that is gone is waited for. */
const TIMERS = {
  ...{ t1: 250, t2: 2000, t4: 2500, t1x64: 8000, d: 1000 },
  ...{ appAnswer: 64_000, requestAnswer: 16_000 },
};
