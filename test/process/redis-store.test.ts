import { afterEach, describe, expect, it } from 'vitest';
import { RedisServer } from '../contract/store/redis-server.js';
import { EngineProcess } from '../support/engine-process.js';
import { eventually } from '../support/eventually.js';
import { sdp, SipPhone, type Address } from '../support/sip-phone/index.js';
import { WebhookReceiver } from '../support/webhook-receiver.js';

const yaml = (bot: string, events: string, store: string): string => `
sip: { server: embedded, listen: [ "udp:127.0.0.1:0" ] }
media: { server: none }
api: { listen: "127.0.0.1:0" }
log: { level: error }
drainMs: 300
store: "${store}"
trunks: { carrier: { allow: [ "127.0.0.1/32" ], proxy: "sip:127.0.0.1:9" } }
channels:
  line:
    match: { trunk: carrier, did: [ "1800*" ] }
    trunk: carrier
    bot: { kind: sip, uri: "${bot}", events: { url: "${events}", dialect: native } }
`;

function address([first = '']: readonly string[]): Address {
  return { proto: 'udp', host: '127.0.0.1', port: Number(first.slice(first.lastIndexOf(':') + 1)) };
}

describe('the engine with its records in redis', { timeout: 60_000 }, () => {
  const open: (() => Promise<unknown>)[] = [];
  afterEach(async () => {
    for (const close of open.splice(0).reverse()) await close();
  });

  async function redisServer(...flags: string[]): Promise<RedisServer> {
    const server = await RedisServer.start(...flags);
    open.push(() => server.stop());
    return server;
  }

  async function engineOn(config: string) {
    const engine = new EngineProcess(config);
    open.push(() => (engine.kill('SIGKILL'), engine.exit));
    const { line, sip, api } = await engine.ready();
    const get = async (path: string) => {
      const answer = await fetch(api + path);
      return { status: answer.status, json: (await answer.json()) as Record<string, unknown> };
    };
    return { engine, line, sip: address(sip), api, get };
  }

  it('redis dies amid a call: the transfer has its verdict, the record follows, and outlives the engine', async () => {
    const redis = await redisServer('--appendonly', 'yes', '--appendfsync', 'always');
    const events = await WebhookReceiver.start();
    const caller = await SipPhone.open({ user: 'caller', timeoutMs: 10_000 });
    const bot = await SipPhone.open({ user: 'bot', timeoutMs: 10_000 });
    open.push(
      () => events.stop(),
      () => caller.close(),
      () => bot.close(),
    );
    const config = yaml(bot.uri, events.url, `redis://127.0.0.1:${redis.port}/2`);
    const first = await engineOn(config);
    expect(first.line).toMatch(/ store=redis$/);

    const call = caller.call(first.sip, { to: '18005550100' });
    call.invite();
    const invite = await bot.expect('INVITE');
    bot.answering(invite).accept(invite, { body: sdp({ port: 50000 }) });
    call.ack(await call.expect(200));
    await redis.kill();

    const list = (await first.get('/v1/calls')).json as { items: { callId: string }[] };
    const path = `/v1/calls/${list.items[0]!.callId}`;
    const command = () =>
      fetch(`${first.api}${path}/transfers`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ target: { sipUri: bot.uri.replace('bot@', 'agent@') } }),
      });
    await eventually(async () => (await command()).status).toBe(202);
    const offered = await bot.expect('INVITE');
    bot.answering(offered).respond(offered, 486);
    const told = () => events.received.filter(({ body }) => body.includes('"type":"transfer.failed"'));
    await eventually(() => told().length).toBe(1);

    const ready = await first.get('/readyz');
    expect([ready.status, ready.json]).toMatchObject([
      200,
      { ready: true, dependencies: { store: 'degraded' } },
    ]);
    const refused = await first.get(`${path}/transfer-status`);
    expect([refused.status, refused.json['code']]).toEqual([503, 'store_unavailable']);

    await redis.restart();
    await eventually(async () => (await first.get('/readyz')).json).toMatchObject({
      dependencies: { store: 'up' },
    });
    const { json: status } = await first.get(`${path}/transfer-status`);
    expect(status).toMatchObject({ status: 'FAIL', hangup: false });
    first.engine.kill('SIGKILL');
    await first.engine.exit;

    const second = await engineOn(config);
    expect(await second.get(`${path}/transfer-status`)).toEqual({ status: 200, json: status });
    const { json: page } = await second.get('/v1/transfer-sessions');
    expect(page['items']).toMatchObject([
      { state: 'failed', outcome: 'busy', attempts: [{ outcome: 'busy' }] },
    ]);
    second.engine.kill('SIGTERM');
    expect(await second.engine.exit).toEqual({ code: 0 });
  });

  it('rediss: speaks TLS with a server it is told to trust, and with no other', async () => {
    const redis = await RedisServer.overTls();
    open.push(() => redis.stop());
    const config = yaml('sip:127.0.0.1:9', 'http://127.0.0.1:9/', `rediss://127.0.0.1:${redis.port}`);
    const trusting = new EngineProcess(config, [], { NODE_EXTRA_CA_CERTS: redis.certificate });
    open.push(() => (trusting.kill('SIGKILL'), trusting.exit));
    expect((await trusting.ready()).line).toMatch(/ store=redis$/);
    const wary = new EngineProcess(config);
    expect(await wary.exit).toEqual({ code: 2 });
    expect(wary.stderr).toBe(`store: Redis 127.0.0.1:${redis.port}: self-signed certificate\n`);
  });

  it('a password redis does not take: one line, exit 2, and the password is not in it', async () => {
    const redis = await redisServer('--requirepass', 'right');
    const config = yaml('sip:127.0.0.1:9', 'http://127.0.0.1:9/', `redis://:wr0ng@127.0.0.1:${redis.port}/0`);
    const engine = new EngineProcess(config);
    expect(await engine.exit).toEqual({ code: 2 });
    expect(engine.stderr).toBe(
      `store: Redis 127.0.0.1:${redis.port}: WRONGPASS invalid username-password pair or user is disabled.\n`,
    );
  });
});
