import { describe, expect, it } from 'vitest';
import { FakeServer } from './fake-network.js';

const SDP = 'v=0\r\no=x 1 1 IN IP4 10.0.0.9\r\n';

interface Options {
  readonly cseq?: number;
  readonly to?: string;
  readonly branch?: string;
  readonly extra?: string;
  readonly body?: string;
  readonly callId?: string;
}

let branches = 0;

/** A request of the phone at 10.0.0.9. */
function phone(method: string, o: Options = {}): string {
  const body = o.body ?? '';
  return (
    `${method} sip:svc@10.0.0.1 SIP/2.0\r\nVia: SIP/2.0/UDP 10.0.0.9:5060;branch=${o.branch ?? `z9hG4bK${++branches}`}\r\n` +
    `From: <sip:alice@10.0.0.9>;tag=al\r\nTo: ${o.to ?? '<sip:svc@10.0.0.1>'}\r\nCall-ID: ${o.callId ?? 'c1'}\r\n` +
    `CSeq: ${o.cseq ?? 1} ${method}\r\nContact: <sip:alice@10.0.0.9>\r\nMax-Forwards: 70\r\n${o.extra ?? ''}` +
    `Content-Length: ${body.length}\r\n\r\n${body}`
  );
}

const tokens = (frame: string | undefined): string[] => (frame ?? '').split('\r\n')[0]?.split('|') ?? [];
const header = (text: string, name: string): string =>
  text
    .split('\r\n')
    .find((l) => l.startsWith(`${name}: `))
    ?.slice(name.length + 2) ?? '';

/** A call taken by the application: its transaction id and the To of its 200. */
function answered(s: FakeServer): { to: string; dialogId: string } {
  s.receive(phone('INVITE', { body: SDP, branch: 'z9hG4bKinv' }));
  const txn = tokens(s.app.take()[0])[7] ?? '';
  s.frame(`r|sip|${txn}|\r\nSIP/2.0 200 OK\r\n\r\n${SDP}`);
  const ok = s.udp.sent.at(-1)?.text ?? '';
  const to = header(ok, 'To');
  s.receive(phone('ACK', { to }));
  s.app.take();
  s.udp.take();
  return { to, dialogId: 'c1;from-tag=al' };
}

/** A call made by the application: the INVITE as sent. */
function dialled(s: FakeServer, extra = ''): { invite: string; txn: string; dialogId: string } {
  s.frame(`r|sip||\r\nINVITE sip:bob@10.0.0.8 SIP/2.0\r\n${extra}\r\n${SDP}`);
  const invite = s.udp.sent.splice(0)[0]?.text ?? '';
  const txn = tokens(s.app.take()[0])[9] ?? '';
  const tag = header(invite, 'From').split('tag=')[1] ?? '';
  return { invite, txn, dialogId: `${header(invite, 'Call-ID')};from-tag=${tag}` };
}

function reply(
  request: string,
  status: string,
  tag: string,
  extra = 'Contact: <sip:bob@10.0.0.8>\r\n',
): string {
  const to = header(request, 'To');
  return (
    `SIP/2.0 ${status}\r\nVia: ${header(request, 'Via')}\r\nFrom: ${header(request, 'From')}\r\n` +
    `To: ${to.includes('tag=') ? to : `${to};tag=${tag}`}\r\nCall-ID: ${header(request, 'Call-ID')}\r\n` +
    `CSeq: ${header(request, 'CSeq')}\r\n${extra}Content-Length: 0\r\n\r\n`
  );
}

describe('calls that come in', () => {
  it('are repeated until the ACK, on either end of a lost packet', () => {
    const s = new FakeServer();
    s.receive(phone('INVITE', { body: SDP, branch: 'z9hG4bKinv' }));
    s.receive(phone('INVITE', { body: SDP, branch: 'z9hG4bKinv' }));
    expect(s.udp.take()).toEqual(['SIP/2.0 100 Trying', 'SIP/2.0 100 Trying']);
    const frames = s.app.take();
    expect(frames).toHaveLength(1);
    s.frame(`r|sip|${tokens(frames[0])[7] ?? ''}|\r\nSIP/2.0 200 OK\r\n\r\n${SDP}`);
    const to = header(s.udp.sent.at(-1)?.text ?? '', 'To');
    s.pass(3600);
    expect(s.udp.take()).toHaveLength(4);
    s.receive(phone('ACK', { to }));
    s.receive(phone('ACK', { to }));
    s.pass(10_000);
    expect(s.udp.take()).toEqual([]);
    expect(s.app.take().filter((f) => f.includes('\r\nACK '))).toHaveLength(1);
  });

  it('are hung up when no ACK comes, and the application is told', () => {
    const s = new FakeServer();
    s.receive(phone('INVITE'));
    s.frame(`r|sip|${tokens(s.app.take()[0])[7] ?? ''}|\r\nSIP/2.0 200 OK\r\n\r\n`);
    s.app.take();
    s.pass(32_100);
    expect(s.app.take()[0]).toMatch(
      /^sip\|application\|\d+\|udp\|10.0.0.1\|5060\|[\d:.]+\|unsolicited\|c1;from-tag=al\|\r\nBYE /,
    );
    expect(s.udp.take().at(-1)).toBe('BYE sip:alice@10.0.0.9 SIP/2.0');
    s.pass(40_000);
    expect(s.idle).toBe(true);
  });

  it('hold a BYE of the application until the ACK (RFC 3261 section 15)', () => {
    const s = new FakeServer();
    s.receive(phone('INVITE'));
    s.frame(`r|sip|${tokens(s.app.take()[0])[7] ?? ''}|\r\nSIP/2.0 200 OK\r\n\r\n`);
    const to = header(s.udp.sent.splice(0).at(-1)?.text ?? '', 'To');
    s.frame('b|sip||c1;from-tag=al\r\nBYE sip:placeholder SIP/2.0\r\n\r\n');
    expect(s.udp.take()).toEqual([]);
    s.receive(phone('ACK', { to }));
    expect(s.udp.take()).toEqual(['BYE sip:alice@10.0.0.9 SIP/2.0']);
  });

  it('a CANCEL is matched by branch although a NAT changed its Via', () => {
    const s = new FakeServer();
    s.receive(phone('INVITE', { branch: 'z9hG4bKc' }));
    s.udp.take();
    s.receive(phone('CANCEL', { branch: 'z9hG4bKc' }).replace('UDP 10.0.0.9:5060', 'UDP 192.168.1.1:1'));
    expect(s.udp.take()).toEqual(['SIP/2.0 200 OK', 'SIP/2.0 487 Request Terminated']);
    expect(s.core.uas.size).toBe(0);
    s.receive(phone('CANCEL', { branch: 'z9hG4bKother' }));
    expect(s.udp.take()).toEqual(['SIP/2.0 481 Call/Transaction Does Not Exist']);
  });

  it('BYE ends the call with the answer of the application, and answers what it left open', () => {
    const s = new FakeServer();
    const { to, dialogId } = answered(s);
    s.receive(phone('INFO', { to, cseq: 2 }));
    s.receive(phone('INVITE', { to, cseq: 3, body: SDP }));
    s.udp.take();
    s.app.take();
    s.receive(phone('BYE', { to, cseq: 4 }));
    expect(s.udp.take()).toEqual([]);
    s.frame(`b|sip|${tokens(s.app.take()[0])[7] ?? ''}|\r\nSIP/2.0 200 OK\r\n\r\n`);
    expect(s.udp.take().sort()).toEqual([
      'SIP/2.0 200 OK',
      'SIP/2.0 487 Request Terminated',
      'SIP/2.0 500 Server Internal Error',
    ]);
    s.app.take();
    expect(s.frame(`x|sip||${dialogId}\r\nBYE sip:placeholder SIP/2.0\r\n\r\n`)).toEqual([
      'response|x|NOK|Server error: unable to find dialog for dialog id provided',
    ]);
    s.pass(70_000);
    expect(s.idle).toBe(true);
  });

  it('a BYE the application refuses changes nothing; one it never answers ends the call', () => {
    const s = new FakeServer();
    const { to, dialogId } = answered(s);
    s.receive(phone('BYE', { to, cseq: 2 }));
    s.frame(`b|sip|${tokens(s.app.take()[0])[7] ?? ''}|\r\nSIP/2.0 481 No\r\n\r\n`);
    expect(s.udp.take()).toEqual(['SIP/2.0 481 No']);
    expect(s.core.dialogs.has(dialogId)).toBe(true);
    s.receive(phone('BYE', { to, cseq: 3 }));
    s.pass(70_000);
    expect(s.idle).toBe(true);
  });

  it('a NOTIFY behind the BYE still finds the application that sent the REFER, for a while', () => {
    const s = new FakeServer();
    const { to, dialogId } = answered(s);
    s.frame(`r|sip||${dialogId}\r\nREFER sip:placeholder SIP/2.0\r\nRefer-To: <sip:x@y>\r\n\r\n`);
    s.receive(reply(s.udp.sent.splice(0)[0]?.text ?? '', '202 Accepted', 'al'));
    s.app.take();
    s.receive(phone('BYE', { to, cseq: 2 }));
    s.frame(`b|sip|${tokens(s.app.take()[0])[7] ?? ''}|\r\nSIP/2.0 200 OK\r\n\r\n`);
    expect(s.core.dialogs.size).toBe(0);
    const notify = (cseq: number, from = to): string =>
      phone('NOTIFY', { to: from, cseq, extra: 'Event: refer\r\n' });
    s.receive(notify(3));
    s.udp.take();
    const [frame] = s.app.take().filter((text) => text.includes('NOTIFY sip:'));
    s.frame(`n|sip|${tokens(frame)[7] ?? ''}|\r\nSIP/2.0 200 OK\r\n\r\n`);
    expect(s.udp.take()).toEqual(['SIP/2.0 200 OK']);
    s.receive(notify(4, '<sip:svc@10.0.0.1>;tag=other'));
    expect(s.udp.take()).toEqual(['SIP/2.0 481 Call/Transaction Does Not Exist']);
    s.pass(70_000);
    s.receive(notify(5));
    expect(s.udp.take()).toEqual(['SIP/2.0 481 Call/Transaction Does Not Exist']);
    expect(s.idle).toBe(true);
  });

  it('end with the application: 503 to what rings, BYE to who talks, 481 inside dialogs', () => {
    const s = new FakeServer();
    const { to } = answered(s);
    s.receive(phone('INVITE', { callId: 'c2' }));
    s.udp.take();
    s.loseApp();
    const [bye] = s.udp.sent.slice(-1);
    expect(s.udp.take()).toEqual([
      'SIP/2.0 503 Service Unavailable',
      expect.stringMatching(/^BYE sip:alice@/),
    ]);
    s.receive(phone('BYE', { to, cseq: 2 }));
    expect(s.udp.take()).toEqual(['SIP/2.0 481 Call/Transaction Does Not Exist']);
    s.receive(reply(bye?.text ?? '', '200 OK', 'al'));
    s.pass(70_000);
    expect(s.idle).toBe(true);
  });

  it('session timers: 422 for short ones, refresh or BYE by us', () => {
    const s = new FakeServer();
    const { to } = answered(s);
    s.receive(phone('INVITE', { to, cseq: 2, extra: 'Session-Expires: 60\r\n' }));
    expect(header(s.udp.sent[0]?.text ?? '', 'Min-SE')).toBe('90');
    s.udp.take();
    s.receive(phone('UPDATE', { to, cseq: 3, extra: 'Session-Expires: 100;refresher=uas\r\n' }));
    s.frame(`r|sip|${tokens(s.app.take().at(-1))[7] ?? ''}|\r\nSIP/2.0 200 OK\r\n\r\n`);
    expect(header(s.udp.sent.splice(0)[0]?.text ?? '', 'Session-Expires')).toBe('100;refresher=uas');
    s.pass(50_100);
    const refresh = s.udp.sent.splice(0)[0]?.text ?? '';
    expect(refresh).toContain('INVITE sip:alice@10.0.0.9 SIP/2.0');
    expect(refresh).toContain(SDP);
    s.receive(reply(refresh, '200 OK', 'al'));
    expect(s.udp.take()[0]).toContain('ACK ');
    s.pass(50_100);
    s.receive(reply(s.udp.sent.splice(0)[0]?.text ?? '', '500 No', 'al'));
    expect(s.app.take().at(-1)).toContain('Session timer expired');
  });
});

describe('calls that go out', () => {
  it('a losing fork is ACKed and hung up, again when it repeats itself', () => {
    const s = new FakeServer();
    const { invite, dialogId } = dialled(s);
    s.receive(reply(invite, '180 Ringing', 'b1'));
    s.receive(reply(invite, '200 OK', 'b2'));
    s.frame(`a|sip||${dialogId}\r\nACK sip:x SIP/2.0\r\n\r\n`);
    expect(s.udp.take()).toEqual(['ACK sip:bob@10.0.0.8 SIP/2.0']);
    s.receive(reply(invite, '200 OK', 'b3', 'Contact: <sip:other@10.0.0.7>\r\n'), s.udp, '10.0.0.7');
    expect(s.udp.sent.map((m) => `${m.text.split(' ')[0] ?? ''} ${m.host}`)).toEqual([
      'ACK 10.0.0.7',
      'BYE 10.0.0.7',
    ]);
    s.udp.take();
    s.receive(reply(invite, '200 OK', 'b3', 'Contact: <sip:other@10.0.0.7>\r\n'), s.udp, '10.0.0.7');
    s.receive(reply(invite, '200 OK', 'b2'));
    expect(s.udp.take()).toEqual(['ACK sip:other@10.0.0.7 SIP/2.0', 'ACK sip:bob@10.0.0.8 SIP/2.0']);
  });

  it('CANCEL waits for a provisional and makes a 487 up when nothing follows', () => {
    const s = new FakeServer();
    const { invite, txn } = dialled(s);
    s.frame(`c|sip|${txn}|\r\nCANCEL sip:x SIP/2.0\r\nReason: Q.850;cause=16\r\n\r\n`);
    expect(s.app.take()[0]).toContain('OK|application|');
    expect(s.udp.take()).toEqual([]);
    s.receive(reply(invite, '100 Trying', ''));
    expect(s.udp.sent[0]?.text).toContain('Reason: Q.850;cause=16');
    s.receive(reply(s.udp.sent.splice(0)[0]?.text ?? '', '200 OK', 'b'));
    s.receive(reply(invite, '180 Ringing', 'b'));
    s.app.take();
    s.pass(32_100);
    expect(s.app.take()[0]).toContain('SIP/2.0 487 Request Terminated');
    // Whoever answers now is not left hanging.
    s.receive(reply(invite, '200 OK', 'b'));
    expect(s.udp.take()).toEqual(['ACK sip:bob@10.0.0.8 SIP/2.0', 'BYE sip:bob@10.0.0.8 SIP/2.0']);
    s.pass(80_000);
    expect(s.idle).toBe(true);
  });

  it('keep the route set reversed, loose and strict', () => {
    const s = new FakeServer();
    const { invite, dialogId } = dialled(s);
    const route = 'Record-Route: <sip:10.0.0.3;lr>, <sip:10.0.0.2;lr>\r\nContact: <sip:bob@10.9.9.9>\r\n';
    s.receive(reply(invite, '200 OK', 'b', route));
    s.frame(`a|sip||${dialogId}\r\nACK sip:x SIP/2.0\r\n\r\n`);
    const ack = s.udp.sent.splice(0)[0];
    expect(ack?.host).toBe('10.0.0.2');
    expect(header(ack?.text ?? '', 'Route')).toBe('<sip:10.0.0.2;lr>, <sip:10.0.0.3;lr>');
    const strict = new FakeServer();
    const d = dialled(strict);
    strict.receive(reply(d.invite, '200 OK', 'b', route.replaceAll(';lr', '')));
    strict.frame(`a|sip||${d.dialogId}\r\nACK sip:x SIP/2.0\r\n\r\n`);
    const old = strict.udp.sent[0]?.text ?? '';
    expect(old).toContain('ACK sip:10.0.0.2 SIP/2.0');
    expect(header(old, 'Route')).toBe('<sip:10.0.0.3>, <sip:bob@10.9.9.9>');
  });

  it('write known header names canonically and all others as given; drop what is no token', () => {
    const s = new FakeServer();
    const { invite } = dialled(
      s,
      'refer-to: <sip:x>\r\nx-lower: 1\r\ncallReason: y\r\nX Bad: 1\r\nvia: SIP/2.0/UDP evil\r\n',
    );
    expect(invite).toContain('\r\nRefer-To: <sip:x>\r\nx-lower: 1\r\ncallReason: y\r\n');
    expect(invite).not.toContain('Bad');
    expect(invite).not.toContain('evil');
    expect(s.core.counters.droppedHeaders).toBe(1);
  });

  it('an application cannot smuggle a header in by a bare LF', () => {
    const s = new FakeServer();
    s.frame('r|sip||\r\nINVITE sip:bob@10.0.0.8 SIP/2.0\r\nX-A: 1\nX-Evil: 2\r\n\r\n');
    expect(s.app.take()[0]).toContain('NOK|malformed');
    expect(s.udp.take()).toEqual([]);
  });
});

describe('fuzz', () => {
  const seeds = [
    phone('INVITE', { body: SDP, extra: 'Supported: 100rel, timer\r\nSession-Expires: 1800\r\n' }),
    phone('SUBSCRIBE', { extra: 'Event: x\r\n' }),
    phone('CANCEL'),
    phone('BYE', { to: '<sip:svc@10.0.0.1>;tag=1' }),
    reply(phone('INVITE'), '200 OK', 'x'),
  ];

  it('truncated at every byte', () => {
    const s = new FakeServer();
    for (const seed of seeds) for (let i = 0; i < seed.length; i++) s.receive(seed.slice(0, i));
    expect(s.core.counters.faults).toBe(0);
  });

  it('mutated, with an application that answers everything', () => {
    const s = new FakeServer();
    let random = 12_345;
    const next = (n: number): number => (random = (random * 1_103_515_245 + 12_345) % 2_147_483_648) % n;
    const spice = '\0\r\n\t "\',;:<>=@|[]%\\\xff';
    for (let i = 0; i < 4000; i++) {
      let text = seeds[next(seeds.length)] ?? '';
      for (let k = next(4); k >= 0; k--) {
        const at = next(text.length);
        text = text.slice(0, at) + spice.charAt(next(spice.length)) + text.slice(at + next(3));
      }
      s.receive(text);
      for (const f of s.app.take().filter((frame) => frame.startsWith('sip|'))) {
        const txn = tokens(f)[7] ?? '';
        s.frame(`r|sip|${txn}|\r\nSIP/2.0 ${['180', '200', '486'][next(3)] ?? ''} X\r\n\r\n`);
        s.frame(`${text.slice(0, next(40))}|sip|${txn}|${tokens(f)[8] ?? ''}\r\n${text}`);
      }
      s.udp.take();
    }
    expect(s.core.counters.faults).toBe(0);
    // Calls without ACK end by timer H, everything else by its own.
    for (let i = 0; i < 8; i++) s.pass(40_000);
    s.app.take();
    expect([...s.core.dialogs.values()].filter((d) => d.kind === 'INVITE' && d.state !== 'early')).toEqual(
      [],
    );
  });
});
