import { createSocket } from 'node:dgram';
import { createServer, type AddressInfo } from 'node:net';
import { expect, it } from 'vitest';
import { describeServers } from '../../support/contract-bench.js';
import { OUR_SDP, Rig } from './rig.js';

describeServers('signalling: refused calls and what stands in them', (bench) => {
  it('says what the far end said', async () => {
    const rig = await Rig.start(bench);
    const { call, invite, told } = await rig.called();
    call.respond(invite, 486, {
      reason: 'Busy Here',
      headers: [
        ['Reason', 'SIP;cause=486, Q.850;cause=17;text="User busy"'],
        ['Retry-After', '30 (later)'],
      ],
    });
    const { refusal } = await told.next('refused');
    expect(refusal).toEqual({
      code: 486,
      reason: 'Busy Here',
      q850: 17,
      retryAfterMs: 30_000,
      by: 'far_end',
    });
    await call.expect('ACK');
    await told.silent();
  });

  it('does not follow a redirection', async () => {
    const rig = await Rig.start(bench);
    const { call, invite, told } = await rig.called();
    call.respond(invite, 302, { reason: 'Moved Temporarily', contact: '<sip:other@127.0.0.1:9>' });
    expect((await told.next('refused')).refusal).toMatchObject({ code: 302, by: 'far_end' });
    await call.expect('ACK');
  });

  it('tells 408 and 503 of the far end from those the server makes up', async () => {
    const rig = await Rig.start(bench);
    for (const code of [408, 503]) {
      const { call, invite, told } = await rig.called();
      call.respond(invite, code, { reason: 'Theirs' });
      expect((await told.next('refused')).refusal).toMatchObject({ code, by: 'far_end' });
      await call.expect('ACK');
    }
  });

  it('nobody there: 503 of our own', async () => {
    const rig = await Rig.start(bench);
    const closed = await freePort();
    const { told } = rig.dial(`sip:x@127.0.0.1:${closed};transport=tcp`);
    expect((await told.next('refused')).refusal).toMatchObject({ code: 503, by: 'local' });
  });

  it('silence: 408 of our own', { timeout: 40_000 }, async () => {
    const rig = await Rig.start(bench);
    const socket = createSocket('udp4');
    await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
    const { told } = rig.dial(`sip:x@127.0.0.1:${socket.address().port}`);
    const { refusal } = await told.next('refused', bench.timers.t1x64 + 3000);
    expect(refusal).toMatchObject({ code: 408, by: 'local' });
    socket.close();
  });

  it('a 200 without Contact is no dialog', async () => {
    const rig = await Rig.start(bench);
    const { call, invite, told } = await rig.called();
    call.accept(invite, { contact: false });
    expect((await told.next('refused')).refusal).toMatchObject({ code: 500, by: 'local' });
    await told.silent();
  });

  it('From, custom headers and route', async () => {
    const rig = await Rig.start(bench);
    const phone = await bench.phone({ user: 'proxy' });
    const { leg, told } = rig.dial('sip:+16125550100@example.invalid', {
      route: phone.uri.replace('proxy@', ''),
      from: { user: '+1 612', display: 'Bob "B" \\ Zoë', host: 'carrier.example' },
      headers: [
        ['X-Call-Id', 'abc'],
        ['x-lower', '1'],
        ['X-UPPER-case', 'ö'],
        ['callReason', 'support; a=b, "c"'],
        ['Reason', 'SIP;cause=200'],
      ],
    });
    const invite = await phone.expect('INVITE');
    expect(invite.uri).toBe('sip:+16125550100@example.invalid');
    expect(invite.get('from')).toContain('"Bob \\"B\\" \\\\ Zoë" <sip:+1%20612@carrier.example>;tag=');
    const raw = invite.raw.toString();
    expect(raw).toContain('\r\nX-Call-Id: abc\r\n');
    expect(raw).toContain('\r\nx-lower: 1\r\n');
    expect(raw).toContain('\r\nX-UPPER-case: ö\r\n');
    // The real server writes each word of a name it does not know with a capital, unless it begins with X-.
    expect(raw).toContain(
      bench.real ? '\r\nCallReason: support; a=b, "c"\r\n' : '\r\ncallReason: support; a=b, "c"\r\n',
    );
    const call = phone.answering(invite);
    call.respond(invite, 486);
    await told.next('refused');
    expect(leg.sipCallId).toBe(invite.callId);
  });

  it('From without a user or a host is our own address', async () => {
    const rig = await Rig.start(bench);
    for (const [user, display] of [
      [null, null],
      [null, 'Support'],
      ['engine', null],
    ] as const) {
      const { call, invite, told } = await rig.called({ from: { user, display, host: null } });
      const uri = `sip:${user === null ? '' : 'engine@'}127.0.0.1:\\d+`;
      expect(invite.need('from')).toMatch(
        new RegExp(`^${display === null ? '' : '"Support" '}<${uri}>;tag=`),
      );
      call.respond(invite, 486);
      await told.next('refused');
    }
  });

  it('a line break anywhere is refused before anything is sent', async () => {
    const rig = await Rig.start(bench);
    const phone = await bench.phone();
    const evil = 'x\r\nX-Evil: 1';
    const from = { user: 'u', display: null, host: null };
    const targets = [
      { headers: [['X-A', evil]] as const },
      { headers: [['X-A', 'x\nX-Evil: 1']] as const },
      { headers: [['X-A', 'x\0']] as const },
      { headers: [['X-A: 1\r\nX-Evil', '1']] as const },
      { headers: [['Call-ID', '1']] as const },
      { uri: `${phone.uri};x=\r\nX-Evil: 1` },
      { uri: '' },
      { route: `${phone.uri}|evil` },
      { route: `${phone.uri}\r\nX-Evil: 1` },
      { from: { ...from, display: evil } },
      { from: { ...from, host: evil } },
    ];
    for (const target of targets) {
      const { leg, told } = rig.dial(phone.uri, target);
      expect(told.events).toEqual([]);
      expect((await told.next('refused')).refusal).toMatchObject({ code: 500, by: 'local' });
      leg.cancel([]);
      leg.bye([]);
    }
    expect(phone.received).toEqual([]);
  });

  it('a line break in what an established call sends does not reach the wire', async () => {
    const rig = await Rig.start(bench);
    const one = await rig.calling();
    one.leg.reject(486, 'Busy\r\nX-Evil: 1', [
      ['X-A', 'x\r\nX-Evil: 1'],
      ['X-B', 'fine'],
    ]);
    const response = await one.call.expect(486);
    expect(response.get('x-evil')).toBeUndefined();
    expect(response.get('x-b')).toBe('fine');
    one.call.ack(response);
    const two = await rig.talking();
    two.leg.bye([
      ['X-A', 'x\r\nX-Evil: 1'],
      ['X-B', 'fine'],
    ]);
    const bye = await two.call.expect('BYE');
    expect(bye.get('x-evil')).toBeUndefined();
    expect(bye.get('x-b')).toBe('fine');
    two.call.respond(bye, 200);
    await two.told.next('closed');
  });

  it('an unusable URI is refused, not thrown', async () => {
    const rig = await Rig.start(bench);
    for (const uri of ['nonsense', 'sip:', 'sip:x@', 'sip:x y@h', 'tel:+16125550100', 'http://h/']) {
      const { told } = rig.dial(uri, {}, OUR_SDP);
      await told.next('refused', 5000);
    }
  });
});

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
