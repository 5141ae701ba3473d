import { expect, it } from 'vitest';
import { describeServers } from '../../support/contract-bench.js';
import { FrameClient } from '../../support/frame-client.js';
import { nextEvent } from '../../support/poll.js';
import { createSrf } from '../../support/srf.js';

describeServers('application connections', (bench) => {
  it('admits the right secret and says where SIP is received', async () => {
    const frames = await bench.frames({ authenticate: false });
    const reply = await frames.authenticate(bench.backend.admin.secret);
    const [, kind, , ok, hostports = '', version, local] = reply.tokens;
    expect([kind, ok]).toEqual(['response', 'OK']);
    expect(version).toMatch(/^v(\d+)\.(\d+)\.(\d+)/);
    expect(new Set(hostports.split(','))).toEqual(new Set(bench.backend.hostports));
    expect(new Set((local ?? '').split(','))).toEqual(new Set(bench.backend.hostports));
  });

  it('refuses a wrong secret and hangs up', async () => {
    const frames = await bench.frames({ authenticate: false });
    const reply = await frames.authenticate('wrong');
    expect(reply.tokens.slice(3)).toEqual(['NO', 'incorrect secret']);
    await frames.ended();
  });

  it('tells drachtio-srf about a wrong secret', async () => {
    const srf = createSrf();
    srf.on('error', () => undefined);
    const connected = nextEvent(srf, 'connect');
    srf.connect({ ...bench.backend.admin, secret: 'wrong', reconnect: { maxAttempts: 1 } });
    const [error] = await connected;
    expect(error).toBeInstanceOf(Error);
    // srf does not give up by itself: `closing` must be set, or it dials again and again.
    srf.disconnect();
  });

  it('answers ping', async () => {
    const frames = await bench.frames();
    expect((await frames.ask('ping')).tokens.slice(3)).toEqual(['OK', 'pong']);
  });

  it('accepts the same route twice', async () => {
    const frames = await bench.frames();
    for (let i = 0; i < 2; i++) expect((await frames.ask('route|invite')).tokens.slice(3)).toEqual(['OK']);
  });

  it('hangs up on a request it does not know', async () => {
    const frames = await bench.frames();
    const reply = await frames.ask('frobnicate|now');
    expect(reply.tokens[3]).toBe('NO');
    await frames.ended();
  });

  it('reads a frame that comes one byte at a time', async () => {
    const frames = await bench.frames();
    const { id, bytes } = FrameClient.frame('ping');
    for (const byte of bytes) frames.write(Buffer.of(byte));
    expect((await frames.expect((f) => f.tokens[2] === id)).tokens.slice(3)).toEqual(['OK', 'pong']);
  });

  it('reads many frames from one segment and answers each in order', async () => {
    const frames = await bench.frames();
    const sent = Array.from({ length: 20 }, () => FrameClient.frame('ping'));
    frames.write(Buffer.concat(sent.map(({ bytes }) => bytes)));
    for (const { id } of sent) await frames.expect((f) => f.tokens[2] === id);
    const answered = frames.received.map((f) => f.tokens[2]).filter((id) => sent.some((s) => s.id === id));
    expect(answered).toEqual(sent.map(({ id }) => id));
  });

  it('reads a frame cut anywhere, the next one glued behind it', async () => {
    const frames = await bench.frames();
    const two = [FrameClient.frame('ping'), FrameClient.frame('ping')];
    const glued = Buffer.concat(two.map(({ bytes }) => bytes));
    for (const cut of [1, 2, 3, 20, two[0]!.bytes.length - 1, two[0]!.bytes.length + 1]) {
      const again = [FrameClient.frame('ping'), FrameClient.frame('ping')];
      const bytes = Buffer.concat(again.map((f) => f.bytes));
      expect(bytes).toHaveLength(glued.length);
      frames.write(bytes.subarray(0, cut));
      // Another tick and, Nagle being off, another segment.
      await new Promise((resolve) => setImmediate(resolve));
      frames.write(bytes.subarray(cut));
      for (const { id } of again) await frames.expect((f) => f.tokens[2] === id);
    }
  });

  it('hangs up on a length of more than five digits, and keeps serving others', async () => {
    const frames = await bench.frames();
    frames.write('100000#');
    frames.write(Buffer.alloc(64, 'x'));
    await frames.ended();
    const other = await bench.frames();
    expect((await other.ask('ping')).tokens[3]).toBe('OK');
  });

  it('hangs up on a length that is no number', async () => {
    const frames = await bench.frames();
    frames.write('hello, is this drachtio?\r\n');
    await frames.ended();
  });

  it('answers 503 when no application wants the call', async () => {
    await bench.app(['options']);
    const phone = await bench.phone();
    const call = phone.call(bench.sip());
    call.invite();
    const refused = await call.expect('503 INVITE');
    call.ack(refused);
  });

  it('shares calls out among the applications with the route', async () => {
    const apps = [await bench.app(), await bench.app()];
    const other = await bench.app(['options']);
    const phone = await bench.phone();
    for (let i = 0; i < 4; i++) {
      const call = phone.call(bench.sip());
      call.invite();
      await call.expect('100 INVITE');
    }
    const arrivals = await Promise.all(apps.flatMap((app) => [app.next(), app.next()]));
    for (const { res } of arrivals) res.send(486);
    for (let i = 0; i < 4; i++) {
      const refused = await phone.expect('486 INVITE');
      phone.send(ackFor(refused), bench.sip());
    }
    expect(other.arrivals).toEqual([]);
  });
});

/** The ACK a transaction layer would send for a refusal, from nothing but the refusal. */
function ackFor(refused: { need(name: string): string }): string {
  const headers = ['via', 'from', 'to', 'call-id'].map((name) => `${name}: ${refused.need(name)}`);
  const cseq = refused.need('cseq').replace('INVITE', 'ACK');
  return `ACK sip:x@127.0.0.1 SIP/2.0\r\n${headers.join('\r\n')}\r\ncseq: ${cseq}\r\ncontent-length: 0\r\n\r\n`;
}
