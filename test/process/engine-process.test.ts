import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { resolve } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { childrenOf, EngineProcess } from '../support/engine-process.js';
import { sleep, until } from '../support/poll.js';
import { sdp, SipPhone, type Address, type PhoneCall } from '../support/sip-phone/index.js';
import { WebhookReceiver } from '../support/webhook-receiver.js';

const yaml = (bot: string, events: string, extra = ''): string => `
sip: { server: embedded, listen: [ "udp:127.0.0.1:0", "tcp:127.0.0.1:0" ] }
media: { server: none }
api: { listen: "127.0.0.1:0" }
log: { level: warn }
drainMs: 300
trunks: { carrier: { allow: [ "127.0.0.1/32" ], proxy: "sip:127.0.0.1:9" } }
channels:
  line:
    match: { trunk: carrier, did: [ "1800*" ] }
    trunk: carrier
    bot: { kind: sip, uri: "${bot}", events: { url: "${events}", dialect: native } }
${extra}`;

function address(sip: readonly string[]): Address {
  const udp = sip.find((s) => s.startsWith('udp:')) ?? '';
  return { proto: 'udp', host: '127.0.0.1', port: Number(udp.slice(udp.lastIndexOf(':') + 1)) };
}

describe('the engine as a process', { timeout: 60_000 }, () => {
  const open: (() => Promise<unknown>)[] = [];
  afterEach(async () => {
    for (const close of open.splice(0).reverse()) await close();
  });

  async function started(drain = 'drainMs: 300'): Promise<{
    engine: EngineProcess;
    sip: Address;
    api: string;
    caller: SipPhone;
    bot: SipPhone;
    events: WebhookReceiver;
  }> {
    const events = await WebhookReceiver.start();
    const caller = await SipPhone.open({ user: 'caller', timeoutMs: 10_000 });
    const bot = await SipPhone.open({ user: 'bot', timeoutMs: 10_000 });
    const engine = new EngineProcess(yaml(bot.uri, events.url).replace('drainMs: 300', drain));
    open.push(
      () => events.stop(),
      () => caller.close(),
      () => bot.close(),
      () => (engine.kill('SIGKILL'), engine.exit),
    );
    const { sip, api } = await engine.ready();
    return { engine, sip: address(sip), api, caller, bot, events };
  }

  async function talk(
    sip: Address,
    caller: SipPhone,
    bot: SipPhone,
  ): Promise<{ caller: PhoneCall; bot: PhoneCall }> {
    const call = caller.call(sip, { to: '18005550100' });
    call.invite();
    const invite = await bot.expect('INVITE');
    const botCall = bot.answering(invite);
    botCall.accept(invite, { body: sdp({ port: 50000 }) });
    call.ack(await call.expect(200));
    await botCall.expect('ACK');
    return { caller: call, bot: botCall };
  }

  it('says it is ready in one line, and ends with 0 on SIGTERM, taking its SIP server along', async () => {
    const { engine } = await started();
    expect(engine.stdout).toMatch(
      /^ready sip=udp:127\.0\.0\.1:\d+,tcp:127\.0\.0\.1:\d+ api=http:\/\/127\.0\.0\.1:\d+ signalling=embedded media=\w+ store=memory\n$/,
    );
    const [sipd] = await childrenOf(engine.pid);
    engine.kill('SIGTERM');
    expect(await engine.exit).toEqual({ code: 0 });
    await until(
      () => !alive(sipd!),
      () => 'the SIP server is gone',
      10_000,
    );
  });

  it.each([
    { server: 'none', channel: 'direct', ready: 'none', children: 1 },
    { server: 'embedded', channel: 'direct', ready: 'none', children: 1 },
    { server: 'embedded', channel: 'anchored', ready: 'embedded', children: 2 },
  ])('media.server $server, channel $channel: media=$ready', async ({ server, channel, ready, children }) => {
    const config = yaml('sip:127.0.0.1:9', 'http://127.0.0.1:9/')
      .replace('server: none', `server: ${server}`)
      .replace('    match:', `    media: ${channel}\n    match:`);
    const engine = new EngineProcess(config);
    open.push(() => (engine.kill('SIGKILL'), engine.exit));
    const { line } = await engine.ready();
    expect(line).toContain(` signalling=embedded media=${ready} store=memory`);
    const servers = await childrenOf(engine.pid);
    expect(servers).toHaveLength(children);
    engine.kill('SIGTERM');
    expect(await engine.exit).toEqual({ code: 0 });
    await until(
      () => !servers.some(alive),
      () => 'the servers are gone',
      10_000,
    );
  });

  it('config/default.yaml: ready within 5 s, with a media server for its webhook bot', async () => {
    // Its own ports may be taken.
    const config = readFileSync(resolve(import.meta.dirname, '../../config/default.yaml'), 'utf8')
      .replace("listen: ['udp:127.0.0.1:5060', 'tcp:127.0.0.1:5060']", "listen: ['udp:127.0.0.1:0']")
      .replace("'127.0.0.1:8080'", "'127.0.0.1:0'");
    const engine = new EngineProcess(config);
    open.push(() => (engine.kill('SIGKILL'), engine.exit));
    const { line } = await engine.ready(5000);
    expect(line).toMatch(/ signalling=embedded media=embedded store=memory$/);
  });

  it('hangs up what outlives the drain time', async () => {
    const { engine, sip, caller, bot } = await started();
    const call = await talk(sip, caller, bot);
    engine.kill('SIGTERM');
    for (const party of [call.caller, call.bot]) party.respond(await party.expect('BYE'), 200);
    expect(await engine.exit).toEqual({ code: 0 });
  });

  it('while it drains: new calls 503 with Retry-After, live ones are transferred, then BYE with a Reason', async () => {
    const { engine, sip, api, caller, bot } = await started('drainMs: 4000');
    const call = await talk(sip, caller, bot);
    const { items } = (await (await fetch(`${api}/v1/calls`)).json()) as { items: { callId: string }[] };
    engine.kill('SIGTERM');
    await eventually(async () => (await fetch(`${api}/readyz`)).status === 503);
    const late = caller.call(sip, { to: '18005550100' });
    late.invite();
    const refused = await late.expect(503);
    late.ack(refused);
    expect(Number(refused.get('retry-after'))).toBeGreaterThan(0);
    const command = await fetch(`${api}/v1/calls/${items[0]!.callId}/transfers`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ target: { sipUri: bot.uri.replace('bot@', 'agent@') } }),
    });
    expect(command.status).toBe(202);
    const offered = await bot.expect('INVITE');
    bot.answering(offered).respond(offered, 486);
    for (const party of [call.caller, call.bot]) {
      const bye = await party.expect('BYE');
      expect(bye.get('reason')).toContain('shutting down');
      party.respond(bye, 200);
    }
    expect(await engine.exit).toEqual({ code: 0 });
  });

  it('when the engine is killed: nobody is left in silence, its SIP server hangs up and goes too', async () => {
    const { engine, sip, caller, bot } = await started();
    const call = await talk(sip, caller, bot);
    const [sipd] = await childrenOf(engine.pid);
    engine.kill('SIGKILL');
    for (const party of [call.caller, call.bot]) {
      const bye = await party.expect('BYE');
      expect(bye.get('reason')).toContain('application lost');
      party.respond(bye, 200);
    }
    await until(
      () => !alive(sipd!),
      () => 'the SIP server is gone',
      10_000,
    );
  });

  it('when the SIP server is killed: every transfer gets its verdict, and the next call works', async () => {
    const { engine, sip, api, caller, bot, events } = await started();
    await talk(sip, caller, bot);
    await until(
      () => bodies(events).some((b) => b.includes('call.started')),
      () => 'call.started',
      10_000,
    );
    const { items } = (await (await fetch(`${api}/v1/calls`)).json()) as { items: { callId: string }[] };
    const target = await SipPhone.open({ user: 'target', timeoutMs: 10_000 });
    open.push(() => target.close());
    const command = await fetch(`${api}/v1/calls/${items[0]!.callId}/transfers`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ target: { sipUri: bot.uri.replace('bot@', 'agent@') } }),
    });
    expect(command.status).toBe(202);
    await bot.expect('INVITE');
    const [sipd] = await childrenOf(engine.pid);
    process.kill(sipd!, 'SIGKILL');
    await until(
      () => bodies(events).some((b) => b.includes('"decidedBy":"signalling_lost"')),
      () => bodies(events).join('\n'),
      10_000,
    );
    await eventually(async () => (await fetch(`${api}/readyz`)).status === 200);
    bot.forget();
    await talk(sip, caller, bot);
    const verdicts = bodies(events).filter((b) => /"type":"transfer\.(completed|failed|cancelled)"/.test(b));
    expect(verdicts).toHaveLength(1);
  });

  it.each(['sip', 'api'] as const)(
    'a %s port in use: one line, exit 2, nothing left running',
    async (which) => {
      const blocker = createServer();
      await new Promise<void>((resolve) => blocker.listen(0, '127.0.0.1', resolve));
      open.push(() => new Promise((resolve) => blocker.close(resolve)));
      const { port } = blocker.address() as { port: number };
      const config = yaml('sip:127.0.0.1:9', 'http://127.0.0.1:9/').replace(
        which === 'sip' ? 'tcp:127.0.0.1:0' : 'listen: "127.0.0.1:0"',
        which === 'sip' ? `tcp:127.0.0.1:${port}` : `listen: "127.0.0.1:${port}"`,
      );
      const engine = new EngineProcess(config);
      expect(await engine.exit).toEqual({ code: 2 });
      expect(engine.stdout).toBe('');
      expect(engine.stderr.trim().split('\n')).toHaveLength(1);
      expect(engine.stderr).toContain(String(port));
    },
  );
});

const bodies = (events: WebhookReceiver): string[] => events.received.map((r) => r.body);

async function eventually(condition: () => Promise<boolean>): Promise<void> {
  const end = performance.now() + 20_000;
  while (!(await condition())) {
    if (performance.now() > end) throw new Error('not in time');
    await sleep(50);
  }
}

function alive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
