import { describe, expect, it } from 'vitest';
import { ClientInvite, type InviteClientUser } from './client-invite.js';
import { ClientRequest, type RequestClientUser } from './client-request.js';
import { Flow } from './endpoint.js';
import { FakeServer, type FakeEndpoint } from './fake-network.js';
import { rescan } from './derived-requests.js';
import { ServerInvite } from './server-invite.js';
import { ServerRequest } from './server-request.js';
import type { SipMessage } from './sip-message.js';

class User implements InviteClientUser, RequestClientUser {
  readonly log: string[] = [];
  onProvisional = (m: SipMessage): void => void this.log.push(String(m.status));
  onSuccess = (m: SipMessage): void => void this.log.push(String(m.status));
  onFinal = (m: SipMessage): void => void this.log.push(String(m.status));
  onFailure = (m: SipMessage): void => void this.log.push(String(m.status));
  onNoAnswer = (status: number): void => void this.log.push(`none ${status}`);
  onProceedingTimeout = (): void => void this.log.push('C');
}

const request = (method: string): string =>
  `${method} sip:b@10.0.0.9 SIP/2.0\r\nVia: SIP/2.0/UDP 10.0.0.1:5060;branch=z9hG4bKx\r\nRoute: <sip:p;lr>\r\n` +
  `From: <sip:a@h>;tag=1\r\nTo: <sip:b@h>\r\nCall-ID: c\r\nCSeq: 7 ${method}\r\nContent-Length: 0\r\n\r\n`;

function response(status: number, method: string): SipMessage {
  const m = rescan(
    `SIP/2.0 ${status} X\r\nVia: SIP/2.0/UDP 10.0.0.1:5060;branch=z9hG4bKx\r\nFrom: <sip:a@h>;tag=1\r\n` +
      `To: <sip:b@h>;tag=2\r\nCall-ID: c\r\nCSeq: 7 ${method}\r\nContent-Length: 0\r\n\r\n`,
  );
  if (m === null) throw new Error('unreadable');
  return m;
}

function rig(proto: 'udp' | 'tcp' = 'udp') {
  const server = new FakeServer();
  const endpoint: FakeEndpoint = server[proto];
  const flow = new Flow(endpoint, '10.0.0.9', 5060);
  return { server, endpoint, flow, user: new User(), core: server.core };
}

/** Milliseconds at which something was sent, up to `ms`. */
function schedule(r: ReturnType<typeof rig>, ms: number): number[] {
  const at: number[] = [];
  const start = r.server.time;
  for (let t = 0; t < ms; t += 10) {
    r.server.pass(10);
    const sent = r.endpoint.take().length;
    for (let i = 0; i < sent; i++) at.push(Math.round((r.server.time - start) / 100) * 100);
  }
  return at;
}

describe('INVITE client transaction', () => {
  const start = (proto?: 'udp' | 'tcp') => {
    const r = rig(proto);
    const t = new ClientInvite(r.core, 'x', r.flow, request('INVITE'), r.user);
    t.start();
    r.endpoint.take();
    return { ...r, t };
  };

  it('A doubles without a cap, B ends with 408', () => {
    const r = start();
    expect(schedule(r, 33_000)).toEqual([500, 1500, 3500, 7500, 15_500, 31_500]);
    expect(r.user.log).toEqual(['none 408']);
    expect(r.server.idle).toBe(true);
  });

  it('does not repeat on TCP', () => {
    const r = start('tcp');
    expect(schedule(r, 33_000)).toEqual([]);
    expect(r.user.log).toEqual(['none 408']);
  });

  it('a provisional stops A, C runs from the last one', () => {
    const r = start();
    r.t.receive(response(100, 'INVITE'), r.flow);
    r.server.pass(180_000);
    r.t.receive(response(180, 'INVITE'), r.flow);
    r.server.pass(184_900);
    expect(r.user.log).toEqual(['100', '180']);
    r.server.pass(200);
    expect(r.user.log).toEqual(['100', '180', 'C']);
    expect(r.endpoint.take()).toEqual([]);
  });

  it('ACKs a failure, again when it is repeated, and is gone after D', () => {
    const r = start();
    r.t.receive(response(486, 'INVITE'), r.flow);
    const ack = r.endpoint.sent[0]?.text ?? '';
    expect(ack).toContain(
      'ACK sip:b@10.0.0.9 SIP/2.0\r\nVia: SIP/2.0/UDP 10.0.0.1:5060;branch=z9hG4bKx\r\nRoute: <sip:p;lr>',
    );
    expect(ack).toContain('To: <sip:b@h>;tag=2');
    expect(ack).toContain('CSeq: 7 ACK');
    r.t.receive(response(486, 'INVITE'), r.flow);
    expect(r.endpoint.take()).toHaveLength(2);
    expect(r.user.log).toEqual(['486']);
    r.server.pass(32_100);
    expect(r.server.idle).toBe(true);
  });

  it('hands up every 2xx until M (RFC 6026)', () => {
    const r = start();
    for (let i = 0; i < 3; i++) r.t.receive(response(200, 'INVITE'), r.flow);
    r.t.receive(response(486, 'INVITE'), r.flow);
    expect(r.user.log).toEqual(['200', '200', '200']);
    expect(r.endpoint.take()).toEqual([]);
    r.server.pass(32_100);
    expect(r.server.idle).toBe(true);
  });

  it('a transport error is 503, but not after an answer', () => {
    const r = start();
    r.t.receive(response(180, 'INVITE'), r.flow);
    r.t.transportFailed();
    expect(r.user.log).toEqual(['180']);
    const failed = start();
    failed.t.transportFailed();
    failed.t.transportFailed();
    expect(failed.user.log).toEqual(['none 503']);
    expect(failed.server.idle).toBe(true);
  });
});

describe('non-INVITE client transaction', () => {
  it('E doubles to T2, F ends with 408', () => {
    const r = rig();
    new ClientRequest(r.core, 'x', r.flow, request('INFO'), r.user).start();
    r.endpoint.take();
    const at = schedule(r, 33_000);
    expect(at.slice(0, 5)).toEqual([500, 1500, 3500, 7500, 11_500]);
    expect(at).toHaveLength(10);
    expect(r.user.log).toEqual(['none 408']);
    expect(r.server.idle).toBe(true);
  });

  it('absorbs repeated finals until K', () => {
    const r = rig();
    const t = new ClientRequest(r.core, 'x', r.flow, request('INFO'), r.user);
    t.start();
    for (const status of [100, 200, 200, 500]) t.receive(response(status, 'INFO'), r.flow);
    expect(r.user.log).toEqual(['100', '200']);
    r.server.pass(5100);
    expect(r.server.idle).toBe(true);
  });
});

describe('INVITE server transaction', () => {
  it('G repeats a failure to T2 until the ACK, I absorbs', () => {
    const r = rig();
    const t = new ServerInvite(r.core, 'k', r.flow);
    t.respond('1xx', 180);
    t.retransmitted();
    t.respond('busy', 486);
    expect(r.endpoint.take()).toHaveLength(3);
    expect(schedule(r, 8000)).toEqual([500, 1500, 3500, 7500]);
    t.acknowledge();
    t.acknowledge();
    expect(schedule(r, 5100)).toEqual([]);
    expect(r.server.idle).toBe(true);
  });

  it('H gives up without ACK', () => {
    const r = rig('tcp');
    new ServerInvite(r.core, 'k', r.flow).respond('busy', 486);
    r.endpoint.take();
    expect(schedule(r, 32_100)).toEqual([]);
    expect(r.server.idle).toBe(true);
  });

  it('absorbs retransmissions after a 2xx and refuses a second final', () => {
    const r = rig();
    const t = new ServerInvite(r.core, 'k', r.flow);
    expect(t.respond('ok', 200)).toBe(true);
    r.endpoint.take();
    t.retransmitted();
    expect(t.respond('no', 500)).toBe(false);
    expect(r.endpoint.take()).toEqual([]);
    r.server.pass(32_100);
    expect(r.server.idle).toBe(true);
  });
});

describe('non-INVITE server transaction', () => {
  it('repeats its answer until J, on TCP ends at once', () => {
    const r = rig();
    const t = new ServerRequest(r.core, 'k', r.flow);
    t.retransmitted();
    t.respond('ok', 200);
    t.retransmitted();
    expect(t.respond('again', 200)).toBe(false);
    expect(r.endpoint.take()).toHaveLength(2);
    r.server.pass(32_100);
    expect(r.server.idle).toBe(true);
    const tcp = rig('tcp');
    new ServerRequest(tcp.core, 'k', tcp.flow).respond('ok', 200);
    expect(tcp.server.idle).toBe(true);
  });
});
