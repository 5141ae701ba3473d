import { onTestFinished } from 'vitest';
import { RedisServer } from '../contract/store/redis-server.js';
import { EngineProcess } from '../support/engine-process.js';
import { eventually } from '../support/eventually.js';
import type { MediaProcess } from '../support/media-process.js';
import { sleep } from '../support/poll.js';
import type { PhoneCall } from '../support/sip-phone/index.js';
import { SipdProcess } from '../support/sipd-process.js';
import { WebhookReceiver } from '../support/webhook-receiver.js';
import { FaultCallers } from './fault-callers.js';
import { BusyPhone, userOf, type Manner } from './kill-phones.js';

export interface Told {
  readonly id: string;
  readonly type: string;
  readonly callId: string;
  readonly data: Readonly<Record<string, unknown>>;
}

export interface Answer {
  readonly status: number;
  readonly json: Readonly<Record<string, unknown>>;
  /** From the question to the answer. */
  readonly ms: number;
}

/** A caller with its bot. */
export interface Talk {
  readonly callId: string;
  readonly call: PhoneCall;
  /** From the INVITE to its 200. */
  readonly ms: number;
}

const VERDICTS = new Set(['transfer.completed', 'transfer.failed', 'transfer.cancelled']);
const JSON_TYPES = { accept: 'application/json', 'content-type': 'application/json' };

/** An engine as a process. */
export class FaultEngine {
  constructor(
    readonly process: EngineProcess,
    private readonly api: string,
  ) {}

  async ask(method: string, path: string, body?: unknown): Promise<Answer> {
    const since = performance.now();
    const answer = await fetch(this.api + path, {
      method,
      headers: body === undefined ? { accept: JSON_TYPES.accept } : JSON_TYPES,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const json = (await answer.json()) as Answer['json'];
    return { status: answer.status, json, ms: Math.round(performance.now() - since) };
  }

  async readiness(): Promise<{ readonly status: number; readonly dependencies: Record<string, string> }> {
    const { status, json } = await this.ask('GET', '/readyz');
    return { status, dependencies: json['dependencies'] as Record<string, string> };
  }

  /** Of each live call, of all engines that are heard, the engine that has it. */
  async owners(): Promise<readonly string[]> {
    const { json } = await this.ask('GET', '/v1/calls');
    return (json['items'] as { engine: string }[]).map(({ engine }) => engine);
  }

  /** The event log, oldest first. */
  async log(): Promise<readonly string[]> {
    const { json } = await this.ask('GET', '/v1/events?limit=1000');
    return (json['items'] as { event: Told }[]).map(({ event }) => event.id);
  }
}

/** SIP servers, a Redis, a bot and an agent, each apart from the engines on them, so that any of them can fail alone. */
export class FaultWorld {
  private dialled = 0;

  private constructor(
    readonly redis: RedisServer,
    readonly servers: readonly SipdProcess[],
    readonly bots: WebhookReceiver,
    readonly callers: FaultCallers,
    readonly bot: BusyPhone,
    readonly agent: BusyPhone,
    private readonly media: MediaProcess | null,
  ) {}

  /** @param media where calls are anchored; direct calls without one */
  static async open({ servers = 1, media = null as MediaProcess | null } = {}): Promise<FaultWorld> {
    const [redis, bots, callers, bot, agent, ...sip] = await Promise.all([
      RedisServer.start(),
      WebhookReceiver.start(),
      FaultCallers.open(),
      BusyPhone.bot(),
      BusyPhone.agent(),
      ...Array.from({ length: servers }, () => SipdProcess.start()),
    ]);
    onTestFinished(async () => {
      redis.thaw();
      await Promise.all([callers, bot, agent].map((phone) => phone.close()));
      await Promise.all([bots.stop(), redis.stop(), ...sip.map((server) => server.kill())]);
    });
    return new FaultWorld(redis, sip, bots, callers, bot, agent, media);
  }

  /** @param redisPort where the engine finds Redis, when not at the server itself */
  async engine(redisPort = this.redis.port): Promise<FaultEngine> {
    const process = new EngineProcess(this.config(redisPort));
    onTestFinished(async () => {
      process.kill('SIGKILL');
      await process.exit;
    });
    return new FaultEngine(process, (await process.ready()).api);
  }

  /** What the bot was told, each event once. */
  get told(): readonly Told[] {
    const all = this.bots.received.map(({ json }) => json as unknown as Told);
    return [...new Map(all.map((event) => [event.id, event])).values()];
  }

  verdicts(transferId: string): readonly Told[] {
    return this.told.filter(({ type, data }) => VERDICTS.has(type) && data['transferId'] === transferId);
  }

  /** The end of a call as its bot was told. */
  end(callId: string): Told | undefined {
    return this.told.find((event) => event.type === 'call.ended' && event.callId === callId);
  }

  async talk(server = 0): Promise<Talk> {
    this.dialled += 1;
    const number = `1800${String(this.dialled).padStart(7, '0')}`;
    const { call, ms } = await this.callers.dial(this.servers[server]!.sip, number);
    const started = (): Told | undefined =>
      this.told.find(({ type, data }) => type === 'call.started' && data['to'] === number);
    await eventually(started).toBeDefined();
    return { callId: started()!.callId, call, ms };
  }

  /** Asks for a transfer. @returns the answer, and the transfer's id where it was accepted */
  async transfer(engine: FaultEngine, { callId }: Talk, manner: Manner): Promise<Answer & { id: string }> {
    const command = { target: { sipUri: this.agent.uri(userOf(manner)) }, returnToBot: true };
    const answer = await engine.ask('POST', `/v1/calls/${callId}/transfers`, command);
    return { ...answer, id: String(answer.json['transferId']) };
  }

  async bridged(engine: FaultEngine, talk: Talk, talksMs: number): Promise<string> {
    const { id } = await this.transfer(engine, talk, { does: 'answers', afterMs: 20, talksMs });
    const bridged = (): boolean =>
      this.told.some(({ type, data }) => type === 'transfer.bridged' && data['transferId'] === id);
    await eventually(bridged).toBe(true);
    return id;
  }

  private config(redisPort: number): string {
    return `
sip: { server: ${JSON.stringify(this.servers.map(({ admin }) => admin))} }
media: { server: ${this.media === null ? 'none' : JSON.stringify([this.media.address])} }
api: { listen: "127.0.0.1:0" }
log: { level: error }
store: "redis://127.0.0.1:${redisPort}/0"
trunks: { carrier: { allow: [ "127.0.0.1/32" ], proxy: "sip:127.0.0.1:9" } }
channels:
  line:
    match: { trunk: carrier, did: [ "1800*" ] }
    trunk: carrier
    media: ${this.media === null ? 'direct' : 'anchored'}
    bot: { kind: sip, uri: "${this.bot.phone.uri}", events: { url: "${this.bots.url}", dialect: native } }
`;
  }
}

/** Milliseconds until something holds; looks every 5 ms, as it is measured, for a minute at most. */
export async function msUntil(holds: () => boolean | Promise<boolean>): Promise<number> {
  const since = performance.now();
  while (!(await holds())) {
    if (performance.now() - since > 60_000) throw new Error('not within a minute');
    await sleep(5);
  }
  return Math.round(performance.now() - since);
}

/** Figures for docs/failures.md. */
export function measured(what: string, figures: Readonly<Record<string, number>>): void {
  console.log(`${what}: ${JSON.stringify(figures)}`);
}
