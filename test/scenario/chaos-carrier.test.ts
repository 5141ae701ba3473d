import { createHash } from 'node:crypto';
import { afterEach, describe, expect, it } from 'vitest';
import { runCarrier } from '../../src/scenarios/chaos/carrier-program.js';
import { ChaosCarrier } from '../../src/scenarios/chaos/chaos-carrier.js';
import { parseSwitches } from '../../src/scenarios/chaos/switches.js';
import { SipPhone, type PhoneCall, type SipMessage } from '../support/sip-phone/index.js';

/** The far end itself on the wire: a tool that accuses others has to do what its switches say, and nothing else. */
const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const thing of open.splice(0)) await thing.close();
});

async function carrierWith(...switches: string[]): Promise<ChaosCarrier> {
  const carrier = await ChaosCarrier.open({
    listen: { host: '127.0.0.1', port: 0 },
    switches: parseSwitches(switches),
    credentials: { username: 'u', password: 'p' },
  });
  open.push(carrier);
  return carrier;
}

async function phone(): Promise<SipPhone> {
  const one = await SipPhone.open({ timeoutMs: 10_000 });
  open.push(one);
  return one;
}

/** The carrier has called a phone, which has answered. */
async function talking(...switches: string[]): Promise<{ carrier: ChaosCarrier; call: PhoneCall }> {
  const carrier = await carrierWith(...switches);
  const engine = await phone();
  const { host, port } = engine.address;
  const answered = carrier.call('100', `sip:line@${host}:${port}`, { host, port });
  const invite = await engine.expect('INVITE');
  const call = engine.answering(invite);
  call.accept(invite);
  await answered;
  await call.expect('ACK');
  return { carrier, call };
}

/** The next request of the carrier, answered 200; what a NOTIFY says in short. */
async function next(call: PhoneCall): Promise<string> {
  const request = await call.expect((m) => m.isRequest && m.cseq > call.remoteCseq);
  call.remoteCseq = request.cseq;
  call.respond(request, 200);
  return request.method === 'NOTIFY' ? told(request) : request.method;
}

const told = (notify: SipMessage): string =>
  `${notify.body.trim().split(' ').slice(1, 2).join()} ${notify.need('subscription-state').split(';')[0]}`;

async function referred(
  ...switches: string[]
): Promise<{ call: PhoneCall; refer: SipMessage; status: number }> {
  const { call } = await talking(...switches);
  const refer = call.refer('<sip:agent@127.0.0.1>');
  const { status } = await call.expect((m) => m.cseqMethod === 'REFER');
  return { call, refer, status };
}

describe('the chaos carrier, referred', () => {
  it.each([
    [[], 202, ['100 active', '180 active', '200 terminated', 'BYE']],
    [['refer200'], 200, ['100 active', '180 active', '200 terminated', 'BYE']],
    [['lateNotify'], 202, ['100 active', '180 active', 'BYE', '200 terminated']],
    [['byeBeforeNotify'], 202, ['BYE']],
    [['notifyTerminated100'], 202, ['100 terminated']],
    [['busyAfter183'], 202, ['100 active', '183 active', '486 terminated']],
    [['silentAfter202'], 202, []],
  ])('%s: answers %i, then %j, then nothing', async (switches, wanted, then) => {
    const { call, refer, status } = await referred(...switches);
    expect(status).toBe(wanted);
    const seen: string[] = [];
    while (seen.length < then.length) seen.push(await next(call));
    expect(seen).toEqual(then);
    await expect(call.expect((m) => m.isRequest, 600)).rejects.toThrow('within 600 ms');
    const notify = call.phone.received.find((m) => m.method === 'NOTIFY');
    if (notify !== undefined) expect(notify.need('event')).toBe(`refer;id=${refer.cseq}`);
  });

  it('sends the late NOTIFY between a tenth and one second after its BYE', async () => {
    const { call } = await referred('lateNotify');
    for (let i = 0; i < 2; i += 1) await next(call);
    const bye = await call.expect('BYE');
    call.respond(bye, 200);
    const late = await call.expect((m) => m.method === 'NOTIFY' && m.body.includes('200 OK'));
    expect(late.at - bye.at).toBeGreaterThan(100);
    expect(late.at - bye.at).toBeLessThan(1000);
  });

  it('re-INVITEs during the transfer and follows a 200 with ACK', async () => {
    const { call } = await referred('reinviteDuringTransfer');
    const invite = await call.fresh('INVITE');
    call.accept(invite);
    const ack = await call.expect('ACK');
    expect(ack.cseq).toBe(invite.cseq);
  });
});

describe('a challenged REFER', () => {
  const md5 = (text: string): string => createHash('md5').update(text).digest('hex');

  function signed(call: PhoneCall, challenge: string, password: string, uri = call.target): string {
    const nonce = /nonce="([^"]+)"/.exec(challenge)?.[1] ?? '';
    const response = md5(`${md5(`u:chaos:${password}`)}:${nonce}:00000001:c:auth:${md5(`REFER:${uri}`)}`);
    const parts = [
      `username="u"`,
      `realm="chaos"`,
      `nonce="${nonce}"`,
      `uri="${uri}"`,
      `response="${response}"`,
    ];
    return `Digest ${parts.join(', ')}, qop=auth, nc=00000001, cnonce="c", algorithm=MD5`;
  }

  it.each([
    ['the right password', 'p', undefined, 202],
    ['a wrong password', 'q', undefined, 401],
    ['a signature for another Request-URI', 'p', 'sip:placeholder', 401],
  ])('with %s', async (_what, password, uri, wanted) => {
    const { call } = await talking('challengeRefer', 'silentAfter202');
    call.refer('<sip:agent@127.0.0.1>');
    const refused = await call.expect((m) => m.cseqMethod === 'REFER');
    expect(refused.status).toBe(401);
    const authorization = signed(call, refused.need('www-authenticate'), password, uri);
    call.refer('<sip:agent@127.0.0.1>', { headers: [['Authorization', authorization]] });
    expect((await call.expect((m) => m.cseqMethod === 'REFER')).status).toBe(wanted);
  });

  it('with a nonce nobody gave out', async () => {
    const { call } = await talking('challengeRefer');
    const authorization = signed(call, 'Digest nonce="forged"', 'p');
    call.refer('<sip:agent@127.0.0.1>', { headers: [['Authorization', authorization]] });
    expect((await call.expect((m) => m.cseqMethod === 'REFER')).status).toBe(401);
  });
});

describe('the chaos carrier, called', () => {
  async function calling(...switches: string[]): Promise<{ carrier: ChaosCarrier; call: PhoneCall }> {
    const carrier = await carrierWith(...switches);
    const call = (await phone()).call({ proto: 'udp', ...carrier.address });
    call.invite();
    return { carrier, call };
  }

  it('rings, answers, and is hung up', async () => {
    const { carrier, call } = await calling();
    await call.expect(180);
    call.ack(await call.expect('200 INVITE'));
    expect(carrier.openLegs).toHaveLength(1);
    call.bye();
    await call.expect('200 BYE');
    expect(carrier.openLegs).toEqual([]);
    expect(carrier.received('BYE')).toBe(1);
  });

  it('busyAfter183: early media, then 486 until its ACK', async () => {
    const { call } = await calling('busyAfter183');
    await call.expect(183);
    const busy = await call.expect(486);
    await call.expect(486);
    call.ack(busy);
    await expect(call.expect(486, 1500)).rejects.toThrow('within 1500 ms');
  });

  it('repeats its 200 only until the ACK', async () => {
    const { call } = await calling();
    call.ack(await call.expect('200 INVITE'));
    await expect(call.expect('200 INVITE', 1200)).rejects.toThrow('within');
  });

  it('dropAck: repeats its 200 in spite of the ACK, until the BYE', async () => {
    const { call, carrier } = await calling('dropAck');
    expect(carrier.acksDropped).toBe(0);
    for (let i = 0; i < 3; i += 1) call.ack(await call.expect('200 INVITE'));
    await expect.poll(() => carrier.acksDropped).toBe(3);
    call.bye();
    await call.expect('200 BYE');
    await expect(call.expect('200 INVITE', 2500)).rejects.toThrow('within');
  });

  it('answers a repeated request with the same response and no second call', async () => {
    const { carrier, call } = await calling();
    await call.expect('200 INVITE');
    call.resend(call.lastInvite!);
    await call.expect('200 INVITE', 400);
    expect(carrier.received('INVITE')).toBe(1);
  });

  it('dropEvery=2: loses the second packet of each direction, and its own repetition heals it', async () => {
    const { call } = await calling('dropEvery=2');
    // Out: 180 arrives, 200 is lost, its repetition arrives. In: INVITE arrives, the first ACK is lost.
    await call.expect(180);
    const first = await call.expect('200 INVITE');
    expect(first.at - call.phone.received[0]!.at).toBeGreaterThan(400);
    call.ack(first);
    call.ack(await call.expect('200 INVITE'));
    await expect(call.expect('200 INVITE', 2500)).rejects.toThrow('within');
  });

  it('answers a request outside its calls 481, and OPTIONS 200', async () => {
    const carrier = await carrierWith();
    const stranger = (await phone()).call({ proto: 'udp', ...carrier.address });
    stranger.send('BYE');
    await stranger.expect('481 BYE');
    stranger.send('OPTIONS');
    await stranger.expect('200 OPTIONS');
  });
});

describe('the chaos carrier by hand', () => {
  it('calls, prints what goes by, and hangs up when it is told to end', async () => {
    const engine = await phone();
    const stop = new AbortController();
    let said = '';
    const ended = runCarrier({
      listen: '127.0.0.1:0',
      switches: ['busyAfter183'],
      call: `sip:line@${engine.hostPort}`,
      auth: 'u:p',
      stdout: { write: (text) => (said += text) },
      signal: stop.signal,
    });
    const invite = await engine.expect('INVITE');
    const call = engine.answering(invite);
    call.accept(invite);
    await call.expect('ACK');
    stop.abort();
    call.respond(await call.expect('BYE'), 200);
    expect(await ended).toBe(0);
    expect(said).toMatch(/^chaos carrier at udp:127\.0\.0\.1:\d+\n> INVITE\n< 200 INVITE\n> BYE\n/);
  });

  it.each([
    [{ listen: 'nonsense:' }, /--carrier "nonsense:" is no address/],
    [{ call: 'tel:+1' }, /--call "tel:\+1" is no SIP URI/],
    [{ auth: 'u' }, /--auth: write USER:PASSWORD/],
    [{ switches: ['what'] }, /unknown switch "what"/],
  ])('refuses %j', async (over, message) => {
    const { signal } = new AbortController();
    const usual = {
      listen: '127.0.0.1:0',
      switches: [],
      call: null,
      auth: null,
      stdout: { write: () => true },
      signal,
    };
    await expect(runCarrier({ ...usual, ...over })).rejects.toThrow(message);
  });
});
