import { spawn, type ChildProcess } from 'node:child_process';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { Webhook } from 'standardwebhooks';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startEmbedded, type Backend } from '../support/drachtio-backend.js';
import { until } from '../support/poll.js';
import { sdp, SipPhone, type PhoneCall } from '../support/sip-phone/index.js';

const script = fileURLToPath(new URL('../../examples/sample-bot/bot.mjs', import.meta.url));
const SECRET = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;
const CALL = 'call_1';

/** The sample bot alone: its SIP side called by a phone, its HTTP side by an engine played by the test. */
describe('the sample bot', () => {
  let backend: Backend;
  let engine: Server;
  let phone: SipPhone;
  let bot: ChildProcess;
  let eventsUrl = '';
  let said: Record<string, unknown>[];
  let commands: { url: string; body: unknown }[];
  let answers: { status: number; body: object }[];

  beforeEach(async () => {
    said = [];
    commands = [];
    answers = [];
    backend = await startEmbedded();
    phone = await SipPhone.open({ user: 'caller' });
    engine = createServer((req, res) => {
      let text = '';
      req.on('data', (chunk: Buffer) => (text += chunk.toString()));
      req.on('end', () => {
        commands.push({ url: `${req.method} ${req.url}`, body: JSON.parse(text) });
        const { status, body } = answers.shift() ?? {
          status: 202,
          body: { transferId: 'tr_1', sessionId: 's' },
        };
        res.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
      });
    });
    await new Promise<void>((resolve) => engine.listen(0, '127.0.0.1', resolve));
    const { host, port, secret } = backend.admin;
    bot = spawn(
      process.execPath,
      [
        ...[
          script,
          '--json',
          '--drachtio',
          `${host}:${port}:${secret}`,
          '--listen',
          '127.0.0.1:0',
          '--say',
          '50',
        ],
        ...['--api', `http://127.0.0.1:${(engine.address() as AddressInfo).port}`, '--secret', SECRET],
        ...['--transfer-to', '+16125550199', '--transfer-to', '18005550100=queue:support'],
      ],
      { stdio: ['ignore', 'pipe', 'inherit', 'ipc'] },
    );
    createInterface(bot.stdout!).on('line', (line) => said.push(JSON.parse(line) as Record<string, unknown>));
    await until(() => heard('ready').length > 0, 'a ready bot', 15_000);
    eventsUrl = String(heard('ready')[0]?.['events']);
  });

  afterEach(async () => {
    const gone = new Promise((resolve) => bot.once('exit', resolve));
    bot.disconnect();
    await gone;
    engine.close();
    await phone.close();
    await backend.close();
  });

  const heard = (kind: string): Record<string, unknown>[] => said.filter((line) => line['kind'] === kind);
  const nodes = (): unknown[] => heard('node').map((line) => line['node']);

  async function post(event: object, { secret = SECRET, id = `evt_${Math.random()}` } = {}): Promise<number> {
    const body = JSON.stringify(event);
    const now = new Date();
    const headers = {
      'webhook-id': id,
      'webhook-timestamp': String(Math.floor(now.getTime() / 1000)),
      'webhook-signature': new Webhook(secret).sign(id, now, body),
    };
    return (await fetch(eventsUrl, { method: 'POST', headers, body })).status;
  }

  const tell = (type: string, data: object = {}): Promise<number> => post({ type, callId: CALL, data });

  async function connect(body = sdp()): Promise<PhoneCall> {
    const call = phone.call(backend.sip(), { to: 'bot' });
    call.invite({ headers: [['X-Switchhook-Call', CALL]], body });
    call.ack(await call.expect(200, 5000));
    return call;
  }

  async function hangUp(call: PhoneCall): Promise<void> {
    call.bye();
    await call.expect('200 BYE');
  }

  it('greets the caller, then asks for the transfer of the number dialled', async () => {
    await tell('call.started', { from: '1', to: '18005550100', trunk: 'carrier' });
    const call = await connect();
    await until(() => commands.length > 0, 'a transfer command');
    expect(commands[0]).toMatchObject({
      url: `POST /v1/calls/${CALL}/transfers`,
      body: { target: { queue: 'support' }, returnToBot: true },
    });
    expect(nodes()).toEqual(['Welcome']);
    await hangUp(call);
  });

  it('asks again when the engine is not ready for a transfer, and apologises when it refuses', async () => {
    answers.push(
      { status: 409, body: { code: 'transfer_not_possible' } },
      { status: 422, body: { code: 'no_trunk' } },
    );
    const call = await connect();
    await until(() => nodes().length > 1, 'an apology');
    expect(commands).toHaveLength(2);
    expect(commands[1]?.body).toMatchObject({ target: { phoneNumber: '+16125550199' } });
    expect(nodes()).toEqual(['Welcome', 'Apology']);
    await call.expect('BYE');
  });

  it('answers a hold and its end with the directions of RFC 3264, one session and rising versions', async () => {
    const call = await connect();
    const bodies: string[] = [];
    for (const [version, offered] of (['sendonly', 'inactive', 'sendrecv'] as const).entries()) {
      const { cseq } = call.invite({ body: sdp({ direction: offered, version: version + 2 }) });
      // Not a retransmitted 200 of the INVITE before.
      const ok = await call.expect((m) => m.status === 200 && m.cseq === cseq);
      call.ack(ok);
      bodies.push(ok.body);
    }
    expect(bodies.map((body) => /^a=(sendrecv|recvonly|sendonly|inactive)/m.exec(body)?.[1])).toEqual([
      ...['recvonly', 'inactive', 'sendrecv'],
    ]);
    const origins = bodies.map((body) => /^o=- (\d+) (\d+) /m.exec(body)!);
    expect(new Set(origins.map((o) => o[1])).size).toBe(1);
    expect(origins.map((o) => Number(o[2]))).toEqual([2, 3, 4]);
    await hangUp(call);
  });

  it('keeps the m-lines of the offer and refuses the ones it does not take', async () => {
    const call = phone.call(backend.sip(), { to: 'bot' });
    const body = `${sdp()}m=video 40010 RTP/AVP 96\r\na=rtpmap:96 VP8/90000\r\n`;
    call.invite({ headers: [['X-Switchhook-Call', CALL]], body });
    const ok = await call.expect(200, 5000);
    call.ack(ok);
    expect(ok.body.match(/^m=.*$/gm)).toEqual([
      expect.stringMatching(/^m=audio [1-9]\d* RTP\/AVP 0 101$/),
      'm=video 0 RTP/AVP 96',
    ]);
    await hangUp(call);
  });

  it('refuses calls it shares no codec with, and calls that come past the engine', async () => {
    const foreign = phone.call(backend.sip(), { to: 'bot' });
    foreign.invite({ headers: [['X-Switchhook-Call', CALL]], body: sdp({ codecs: [8] }) });
    foreign.ack(await foreign.expect(488, 5000));
    const stranger = phone.call(backend.sip(), { to: 'bot' });
    stranger.invite({ body: sdp() });
    stranger.ack(await stranger.expect(403, 5000));
  });

  it('goes to the node the failure policy names, and stays there when the caller is with it again', async () => {
    const call = await connect();
    await until(() => commands.length > 0, 'a transfer command');
    await tell('transfer.failed', {
      outcome: 'busy',
      next: { action: 'goto', node: 'Apology', message: null },
    });
    await tell('transfer.returned');
    await call.expect('BYE');
    expect(nodes()).toEqual(['Welcome', 'Apology']);
  });

  it('asks how it was when the caller comes back from an agent', async () => {
    const call = await connect();
    await until(() => commands.length > 0, 'a transfer command');
    await tell('transfer.completed', { outcome: 'answered', next: { action: 'return', node: null } });
    await tell('transfer.returned');
    await until(() => nodes().length > 1, 'the next node');
    expect(nodes()).toEqual(['Welcome', 'CSAT']);
    await hangUp(call);
  });

  it.each([
    [{ status: 'SUCCESS', hangup: false }, ['Welcome', 'CSAT']],
    [{ status: 'FAIL', hangup: false }, ['Welcome', 'Apology']],
    [{ status: 'FAIL', hangup: true }, ['Welcome']],
  ])("understands JAICP's transfer event: %o", async (status, expected) => {
    const call = await connect();
    await until(() => commands.length > 0, 'a transfer command');
    await post({
      event: 'transfer',
      transferStatus: { ...status, number: '1' },
      callId: CALL,
      channel: 'line',
    });
    await until(() => heard('event').length > 0, 'the event');
    await until(
      () => nodes().length === expected.length,
      () => nodes().join(),
    );
    expect(nodes()).toEqual(expected);
    if (expected[1] === 'Apology') await call.expect('BYE');
    else await hangUp(call);
  });

  it('takes signed events only, and each once', async () => {
    const event = { type: 'call.started', callId: 'x', data: { to: '1' } };
    expect(await post(event, { secret: `whsec_${Buffer.alloc(32, 8).toString('base64')}` })).toBe(401);
    expect((await fetch(eventsUrl, { method: 'POST', body: JSON.stringify(event) })).status).toBe(401);
    await until(() => heard('problem').length === 2, 'two complaints');
    expect(heard('event')).toEqual([]);
    expect(await post(event, { id: 'evt_1' })).toBe(204);
    expect(await post(event, { id: 'evt_1' })).toBe(204);
    expect(await post(event, { id: 'evt_2' })).toBe(204);
    await until(() => heard('event').length > 1, 'the other event');
    expect(heard('event')).toHaveLength(2);
  });
});
