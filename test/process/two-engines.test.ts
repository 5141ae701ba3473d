import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { RedisServer } from '../contract/store/redis-server.js';
import { EngineProcess } from '../support/engine-process.js';
import { eventually } from '../support/eventually.js';
import { autoAnswer, sdp, SipPhone, type PhoneCall } from '../support/sip-phone/index.js';
import { SipdProcess } from '../support/sipd-process.js';
import { WebhookReceiver } from '../support/webhook-receiver.js';

interface Shown {
  readonly callId: string;
  readonly engine: string;
  readonly phase: string;
}

interface Running {
  readonly process: EngineProcess;
  readonly line: string;
  readonly ask: (
    method: string,
    path: string,
    body?: unknown,
    headers?: Record<string, string>,
  ) => Promise<{ readonly status: number; readonly json: Record<string, unknown> }>;
}

/** Two engines and two SIP servers, each engine on both servers and all on one Redis; one bot, one caller phone. */
describe('two engines on two SIP servers and one redis', { timeout: 120_000 }, () => {
  const open: (() => Promise<unknown>)[] = [];
  let servers: readonly SipdProcess[];
  let caller: SipPhone;
  let bot: SipPhone;
  let agent: SipPhone;
  let events: WebhookReceiver;
  let engines: [Running, Running];

  afterEach(async () => {
    for (const close of open.splice(0).reverse()) await close();
  });

  beforeEach(async () => {
    const redis = await RedisServer.start();
    events = await WebhookReceiver.start();
    servers = [await SipdProcess.start(), await SipdProcess.start()];
    const phone = (user: string) => SipPhone.open({ user, timeoutMs: 20_000 });
    [caller, bot, agent] = [await phone('caller'), await phone('bot'), await phone('agent')];
    bot.script(autoAnswer());
    open.push(
      () => redis.stop(),
      () => events.stop(),
    );
    open.push(...servers.map((server) => () => server.kill()));
    open.push(...[caller, bot, agent].map((one) => () => one.close()));
    const store = `redis://127.0.0.1:${redis.port}/0`;
    engines = await Promise.all([started(store), started(store)]);
  }, 60_000);

  const yaml = (store: string): string => `
sip: { server: ${JSON.stringify(servers.map(({ admin }) => admin))} }
media: { server: none }
api: { listen: "127.0.0.1:0" }
log: { level: warn }
drainMs: 1000
store: "${store}"
trunks: { carrier: { allow: [ "127.0.0.1/32" ], proxy: "sip:${agent.hostPort}" } }
channels:
  line:
    match: { trunk: carrier, did: [ "1800*" ] }
    trunk: carrier
    bot: { kind: sip, uri: "${bot.uri}", events: { url: "${events.url}", dialect: native } }
`;

  async function started(store: string): Promise<Running> {
    const process = new EngineProcess(yaml(store));
    open.push(() => (process.kill('SIGKILL'), process.exit));
    const { line, api } = await process.ready();
    const ask: Running['ask'] = async (method, path, body, headers = {}) => {
      const answer = await fetch(api + path, {
        method,
        headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      return { status: answer.status, json: (await answer.json()) as Record<string, unknown> };
    };
    return { process, line, ask };
  }

  /** A caller with its bot; by which engine is the SIP server's choice. */
  async function talking(n: number): Promise<PhoneCall> {
    const call = caller.call(servers[n % 2]!.sip, { to: '18005550100' });
    call.invite({ body: sdp({ port: 40_000 + 2 * n }) });
    call.ack(await call.expect(200));
    return call;
  }

  const calls = async ({ ask }: Running): Promise<Shown[]> =>
    (await ask('GET', '/v1/calls')).json['items'] as Shown[];
  const told = (type: string) => events.received.filter(({ json }) => json['type'] === type);
  const distinct = (type: string): number => new Set(told(type).map(({ json }) => json['id'])).size;

  it('each shows the calls of both, and commands find the engine of the call', async () => {
    const [a, b] = engines;
    expect(a.line).toContain(
      ` signalling=${servers.map(({ admin }) => `127.0.0.1:${admin.port}`).join(',')} media=none store=redis`,
    );
    const callers = [];
    for (let n = 0; n < 4; n += 1) callers.push(await talking(n));
    await eventually(async () => (await calls(a)).filter(({ phase }) => phase === 'withBot').length).toBe(4);
    const shown = await calls(a);
    expect(await calls(b)).toEqual(shown);
    expect(new Set(shown.map(({ engine }) => engine)).size).toBe(2);

    // Of each call one of the two is the wrong one.
    const target = { target: { sipUri: agent.uri } };
    for (const { callId } of shown) {
      for (const { ask } of engines)
        expect((await ask('GET', `/v1/calls/${callId}`)).json).toMatchObject({ callId, phase: 'withBot' });
      for (const { ask } of engines)
        expect((await ask('POST', `/v1/calls/${callId}/transfers?dryRun=true`, target)).status).toBe(200);
    }
    // One of each engine: asked of the same one, one of the two is another's.
    const other = shown.find(({ engine }) => engine !== shown[0]!.engine)!;
    for (const { callId } of [shown[0]!, other]) await sameCommandTwice(callId, target);
    await eventually(() => distinct('transfer.cancelled')).toBe(2);

    const unknown = await a.ask('DELETE', '/v1/calls/call_nobody');
    expect([unknown.status, unknown.json['code']]).toEqual([404, 'call_not_found']);
    for (const one of shown) expect((await b.ask('DELETE', `/v1/calls/${one.callId}`)).status).toBe(202);
    for (const call of callers) call.respond(await call.expect('BYE'), 200);
    await eventually(async () => calls(a)).toEqual([]);
    await eventually(() => distinct('call.ended')).toBe(4);
  });

  /** Sent to both engines at once, refused by both while it is pending, cancelled by the first. */
  async function sameCommandTwice(callId: string, target: object): Promise<void> {
    const path = `/v1/calls/${callId}/transfers`;
    const key = { 'idempotency-key': `same-${callId}` };
    const [one, two] = await Promise.all(engines.map(({ ask }) => ask('POST', path, target, key)));
    expect([one!.status, two!.status]).toEqual([202, 202]);
    expect(two!.json).toEqual(one!.json);
    const transferId = one!.json['transferId'] as string;
    const invite = await agent.expect('INVITE');
    const ringing = agent.answering(invite);
    ringing.respond(invite, 180);
    for (const { ask } of engines) {
      const again = await ask('POST', path, target);
      expect([again.status, again.json['code'], again.json['transferId']]).toEqual([
        ...[409, 'transfer_pending', transferId],
      ]);
    }
    expect((await engines[0].ask('DELETE', `/v1/transfers/${transferId}`)).status).toBe(202);
    ringing.respond(await ringing.expect('CANCEL'), 200);
    ringing.respond(invite, 487);
  }

  it('SIGTERM under load: new calls go elsewhere, conversations go on at the other engine, exit 0 in time', async () => {
    const [a, b] = engines;
    const callers: PhoneCall[] = [];
    for (let n = 0; n < 20; n += 1) callers.push(await talking(n));
    await eventually(async () => (await calls(b)).filter(({ phase }) => phase === 'withBot').length).toBe(20);
    const before = await calls(b);
    expect(new Set(before.map(({ engine }) => engine)).size).toBe(2);
    const since = performance.now();
    a.process.kill('SIGTERM');
    await eventually(async () => (await a.ask('GET', '/readyz')).json['dependencies']).toMatchObject({
      engine: 'draining',
    });
    // The servers may offer it one more call before they know.
    const finals = [];
    for (let n = 20; n < 26; n += 1) {
      const call = caller.call(servers[n % 2]!.sip, { to: '18005550100' });
      call.invite({ body: sdp({ port: 40_000 + 2 * n }) });
      const final = await call.expect((message) => message.status >= 200);
      call.ack(final);
      finals.push(final);
      if (final.status === 200) callers.push(call);
      else expect([final.status, Number(final.get('retry-after'))]).toEqual([503, expect.any(Number)]);
    }
    expect(finals.slice(2).map(({ status }) => status)).toEqual([200, 200, 200, 200]);
    expect(await a.process.exit).toEqual({ code: 0 });
    expect(performance.now() - since).toBeLessThan(15_000);

    await eventually(async () => (await calls(b)).length).toBe(callers.length);
    const after = await calls(b);
    expect(new Set(after.map(({ engine }) => engine)).size).toBe(1);
    for (const { callId } of before)
      expect(after).toContainEqual(expect.objectContaining({ callId, phase: 'withBot' }));
    expect(caller.received.filter(({ method }) => method === 'BYE')).toEqual([]);
    expect(bot.received.filter(({ method }) => method === 'BYE')).toEqual([]);

    for (const call of callers) {
      call.bye();
      await call.expect('200 BYE');
    }
    await eventually(async () => calls(b)).toEqual([]);
    const byes = () => bot.received.filter(({ method }) => method === 'BYE').length;
    await eventually(byes).toBe(callers.length);
    await eventually(() => distinct('call.ended')).toBe(callers.length);
    expect(distinct('call.started')).toBe(callers.length);
  });
});
