import { afterEach, describe, expect, it } from 'vitest';
import { RedisServer } from '../contract/store/redis-server.js';
import { startEmbedded, type Backend } from '../support/drachtio-backend.js';
import { EngineProcess } from '../support/engine-process.js';
import { eventually } from '../support/eventually.js';
import { sdp, SipPhone, type PhoneCall } from '../support/sip-phone/index.js';
import { WebhookReceiver } from '../support/webhook-receiver.js';

const PATIENT = { timeoutMs: 15_000 };

interface Told {
  readonly id: string;
  readonly type: string;
  readonly data: Record<string, unknown>;
}

/** A SIP server, a Redis and phones that outlive any engine. */
class Town {
  private constructor(
    readonly sip: Backend,
    readonly redis: RedisServer,
    readonly bots: WebhookReceiver,
    readonly caller: SipPhone,
    readonly bot: SipPhone,
    readonly target: SipPhone,
    private readonly engines: EngineProcess[] = [],
  ) {}

  static async open(): Promise<Town> {
    const phone = (user: string): Promise<SipPhone> => SipPhone.open({ ...PATIENT, user });
    const parts = await Promise.all([
      startEmbedded({ orphanMs: 15_000, timers: { requestAnswer: 5000, appAnswer: 5000 } }),
      RedisServer.start(),
      WebhookReceiver.start(),
      phone('caller'),
      phone('bot'),
      phone('target'),
    ]);
    return new Town(...parts);
  }

  async engine(): Promise<{ readonly process: EngineProcess; readonly api: string }> {
    const { host, port, secret } = this.sip.admin;
    const process = new EngineProcess(`
sip: { server: { host: "${host}", port: ${port}, secret: "${secret}" } }
media: { server: none }
api: { listen: "127.0.0.1:0" }
log: { level: error }
drainMs: 300
store: "redis://127.0.0.1:${this.redis.port}/0"
trunks: { carrier: { allow: [ "127.0.0.1/32" ], proxy: "sip:127.0.0.1:9" } }
channels:
  line:
    match: { trunk: carrier, did: [ "1800*" ] }
    trunk: carrier
    bot: { kind: sip, uri: "${this.bot.uri}", events: { url: "${this.bots.url}", dialect: native } }
`);
    this.engines.push(process);
    return { process, api: (await process.ready()).api };
  }

  /** What the bot was told, each event once. */
  get told(): Told[] {
    const all = this.bots.received.map(({ body }) => JSON.parse(body) as Told);
    return [...new Map(all.map((event) => [event.id, event])).values()];
  }

  get types(): string[] {
    return this.told.map(({ type }) => type);
  }

  async talking(): Promise<{ caller: PhoneCall; bot: PhoneCall }> {
    const caller = this.caller.call(this.sip.sip(), { to: '18005550100' });
    caller.invite();
    const invite = await this.bot.expect('INVITE');
    const bot = this.bot.answering(invite);
    bot.accept(invite, { body: sdp({ port: 50000, user: 'bot' }) });
    caller.ack(await caller.expect(200));
    await bot.expect('ACK');
    return { caller, bot };
  }

  async ringing(
    api: string,
  ): Promise<{ transferId: string; target: PhoneCall; answer: () => Promise<void> }> {
    const page = (await (await fetch(`${api}/v1/calls`)).json()) as { items: { callId: string }[] };
    const asked = await fetch(`${api}/v1/calls/${page.items[0]!.callId}/transfers`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ target: { sipUri: this.target.uri }, returnToBot: true }),
    });
    expect(asked.status).toBe(202);
    const { transferId } = (await asked.json()) as { transferId: string };
    const invite = await this.target.expect('INVITE');
    const target = this.target.answering(invite);
    target.respond(invite, 180);
    await eventually(() => this.types).toContain('transfer.attempt.ringing');
    const answer = async (): Promise<void> => {
      target.accept(invite, { body: sdp({ port: 60000, user: 'target' }) });
      await target.expect('ACK');
    };
    return { transferId, target, answer };
  }

  /** The dead engine's call is at the only other one. */
  async inherited(api: string): Promise<number> {
    const begun = performance.now();
    await eventually(async () => {
      const page = (await (await fetch(`${api}/v1/calls`)).json()) as { items: unknown[] };
      return page.items.length;
    }).toBe(1);
    return performance.now() - begun;
  }

  async close(): Promise<void> {
    for (const process of this.engines) process.kill('SIGKILL');
    await Promise.all(this.engines.map(({ exit }) => exit));
    await Promise.all([this.caller, this.bot, this.target].map((phone) => phone.close()));
    await Promise.all([this.bots.stop(), this.sip.close(), this.redis.stop()]);
  }
}

async function moved(party: PhoneCall, port: number, direction: 'sendrecv' | 'inactive' = 'sendrecv') {
  const offer = await party.expect('INVITE');
  party.accept(offer, { body: sdp({ port, direction, version: offer.cseq }) });
  await party.expect('ACK');
  return offer;
}

async function byed(party: PhoneCall): Promise<void> {
  party.respond(await party.expect('BYE'), 200);
}

describe('an engine is killed', { timeout: 60_000 }, () => {
  const open: Town[] = [];
  afterEach(async () => {
    for (const town of open.splice(0)) await town.close();
  });

  async function bridged() {
    const town = await Town.open();
    open.push(town);
    const one = await town.engine();
    const { caller, bot } = await town.talking();
    const { transferId, target, answer } = await town.ringing(one.api);
    await answer();
    expect((await moved(caller, 40000)).body).toContain('m=audio 60000');
    await moved(bot, 50000, 'inactive');
    await eventually(() => town.types).toContain('transfer.bridged');
    return { town, one, caller, bot, target, transferId };
  }

  it('amid a conversation with an agent: another one has the call, and the agent can end it', async () => {
    const { town, one, caller, bot, target, transferId } = await bridged();
    const two = await town.engine();
    one.process.kill('SIGKILL');
    const took = await town.inherited(two.api);
    console.log(`from SIGKILL to take-over: ${Math.round(took)} ms`);
    expect(took).toBeLessThan(6_000);
    target.bye();
    await target.expect(200);
    await moved(bot, 50000);
    expect((await moved(caller, 40000)).body).toContain('m=audio 50000');
    await eventually(() => town.types.slice(-2)).toEqual(['transfer.completed', 'transfer.returned']);
    caller.bye();
    await caller.expect(200);
    await byed(bot);
    await eventually(() => town.types.at(-1)).toBe('call.ended');
    expect(town.told.filter(({ data }) => 'transferStatus' in data)).toMatchObject([
      { type: 'transfer.completed', data: { transferId, outcome: 'answered' } },
    ]);
    await town.sip.idle();
  });

  it('and started again: the call is its own once more, and the caller can end it', async () => {
    const { town, one, caller, bot, target, transferId } = await bridged();
    one.process.kill('SIGKILL');
    const again = await town.engine();
    await town.inherited(again.api);
    caller.bye();
    await caller.expect(200);
    await Promise.all([byed(target), byed(bot)]);
    await eventually(() => town.types.at(-1)).toBe('call.ended');
    expect(town.told.filter(({ data }) => 'transferStatus' in data)).toMatchObject([
      {
        type: 'transfer.completed',
        data: { transferId, transferStatus: { status: 'SUCCESS', hangup: true } },
      },
    ]);
    await town.sip.idle();
  });

  it('while a target rings: the caller is still with its bot, the target is cancelled, the bot is told', async () => {
    const town = await Town.open();
    open.push(town);
    const one = await town.engine();
    const { caller, bot } = await town.talking();
    const { transferId, target } = await town.ringing(one.api);
    const two = await town.engine();
    one.process.kill('SIGKILL');
    const cancel = await target.expect('CANCEL');
    target.respond(cancel, 200);
    await eventually(() => town.types.at(-1)).toBe('transfer.returned');
    expect(town.told.filter(({ data }) => 'transferStatus' in data)).toMatchObject([
      { data: { transferId, outcome: 'unknown', evidence: { decidedBy: 'interrupted' } } },
    ]);
    await town.inherited(two.api);
    bot.bye();
    await bot.expect(200);
    await byed(caller);
    await eventually(() => town.types.at(-1)).toBe('call.ended');
  });
});
