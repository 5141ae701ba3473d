import { afterEach, describe, expect, it } from 'vitest';
import { EngineProcess } from '../support/engine-process.js';
import { eventually } from '../support/eventually.js';
import { sdp, SipPhone, type Address } from '../support/sip-phone/index.js';
import { answer, WebhookReceiver } from '../support/webhook-receiver.js';

const CALLER = '16125550188';
const DIALLED = '18005550100';
const TARGETS = ['+16125550199', '+16125550177'] as const;
const TOKEN = 'a-token-nobody-may-read';
const SECRET = `whsec_${Buffer.alloc(24, 7).toString('base64')}`;

const yaml = (bot: string, proxy: string, events: string, numbers: string): string => `
sip: { server: embedded, listen: [ "udp:127.0.0.1:0" ] }
media: { server: none }
api: { listen: "127.0.0.1:0", tokens: [ "${TOKEN}" ] }
log: { level: debug, numbers: ${numbers} }
drainMs: 0
trunks: { carrier: { allow: [ "127.0.0.1/32" ], proxy: "${proxy}" } }
channels:
  line:
    match: { trunk: carrier, did: [ "1800*" ] }
    trunk: carrier
    bot: { kind: sip, uri: "${bot}", events: { url: "${events}?key=${TOKEN}", dialect: native, secret: "${SECRET}" } }
`;

type Line = Readonly<Record<string, unknown>>;

describe('what an engine writes at debug level about a call', { timeout: 60_000 }, () => {
  const open: (() => Promise<unknown>)[] = [];
  afterEach(async () => {
    for (const close of open.splice(0).reverse()) await close();
  });

  /**
   * A call with two transfers: a target that is busy and says why with its number, and one that is never sent anywhere;
   * a bot that fails first. @returns all the engine wrote, and its log line by line
   */
  async function story(numbers: 'masked' | 'plain'): Promise<{ output: string; lines: Line[] }> {
    const events = await WebhookReceiver.start();
    events.script.push(answer(500), answer(503));
    const phones = [CALLER, 'bot', 'carrier'].map((user) => SipPhone.open({ user, timeoutMs: 10_000 }));
    const [caller, bot, carrier] = (await Promise.all(phones)) as [SipPhone, SipPhone, SipPhone];
    const config = yaml(bot.uri, carrier.uri.replace('carrier@', ''), events.url, numbers);
    const engine = new EngineProcess(config);
    open.push(
      () => events.stop(),
      () => Promise.all([caller.close(), bot.close(), carrier.close()]),
      () => (engine.kill('SIGKILL'), engine.exit),
    );
    const { sip, api } = await engine.ready();
    const call = caller.call(addressOf(sip), { to: DIALLED });
    call.invite();
    const invite = await bot.expect('INVITE');
    const talk = bot.answering(invite);
    talk.accept(invite, { body: sdp({ port: 50000 }) });
    call.ack(await call.expect(200));
    const transfers = `${api}/v1/calls/${invite.get('x-switchhook-call')}/transfers`;
    const post = (body: object) =>
      fetch(transfers, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${TOKEN}` },
        body: JSON.stringify(body),
      });
    expect((await post({ target: { phoneNumber: TARGETS[0] } })).status).toBe(202);
    const offered = await carrier.expect('INVITE');
    carrier.answering(offered).respond(offered, 486, { reason: `${TARGETS[0]} is busy` });
    await carrier.expect('ACK');
    const failures = () => events.received.filter(({ json }) => json['type'] === 'transfer.failed').length;
    await eventually(failures).toBe(1);
    expect((await post({ target: { sipUri: `sip:${TARGETS[1]}@192.0.2.1` } })).status).toBeGreaterThanOrEqual(
      400,
    );
    talk.bye();
    await talk.expect(200);
    call.respond(await call.expect('BYE'), 200);
    await eventually(() => events.received.some(({ json }) => json['type'] === 'call.ended')).toBe(true);
    engine.kill('SIGTERM');
    await engine.exit;
    const lines = engine.stderr.split('\n').filter((line) => line !== '');
    return { output: engine.stdout + engine.stderr, lines: lines.map((line) => JSON.parse(line) as Line) };
  }

  const numbers = [CALLER, DIALLED, ...TARGETS.map((target) => target.slice(1))];

  it('holds no number, no SIP user and no secret; every line of the call names it, those of a transfer that too', async () => {
    const { output, lines } = await story('masked');
    for (const number of numbers) expect(output).not.toContain(number);
    for (const secret of [TOKEN, SECRET]) expect(output).not.toContain(secret);
    expect(output).not.toMatch(/sips?:(?!\w?\*\*\*|\+?\d*\*\*\*)[^\s@"]+@/);
    const verdict = lines.find(({ msg }) => msg === 'transfer verdict');
    expect(verdict).toMatchObject({
      callId: expect.stringMatching(/^call_[0-9a-f-]{36}$/) as string,
      transferId: expect.stringMatching(/^tr_[0-9a-f-]{36}$/) as string,
      evidence: { sipCode: 486, sipReason: '+1612***0199 is busy' },
    });
    expect(lines.find(({ msg }) => msg === 'this engine')).toMatchObject({
      engine: expect.stringMatching(/^engine_[0-9a-f-]{36}$/) as string,
    });
    const phases = lines.filter(({ msg }) => msg === 'call phase');
    expect(phases.map(({ to }) => to)).toEqual(['withBot', 'dialling', 'withBot', 'ending', 'ended']);
    const retries = lines.filter(({ msg }) => msg === 'event not delivered, trying again');
    expect(retries.length).toBeGreaterThan(0);
    const ofCall = [...phases, ...retries, ...lines.filter(({ msg }) => msg === 'call')];
    for (const line of ofCall) expect(line).toMatchObject({ callId: verdict?.['callId'] });
    expect(phases.find(({ to }) => to === 'dialling')).toMatchObject({ transferId: verdict?.['transferId'] });
  });

  it('shows numbers where the configuration says so, and never secrets', async () => {
    const { output } = await story('plain');
    expect(output).toContain(`${TARGETS[0]} is busy`);
    for (const secret of [TOKEN, SECRET]) expect(output).not.toContain(secret);
  });
});

function addressOf([udp = '']: readonly string[]): Address {
  return { proto: 'udp', host: '127.0.0.1', port: Number(udp.slice(udp.lastIndexOf(':') + 1)) };
}
