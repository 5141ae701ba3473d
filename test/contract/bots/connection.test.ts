import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { eventually } from '../../support/eventually.js';
import { anEvent } from '../../support/records.js';
import { socketBench, type SocketBench } from './socket-bench.js';

let bench: SocketBench;
afterEach(() => bench.stop());

/** Asks for a WebSocket by hand; what comes back as text, the socket stays open. */
async function handshake(path: string, headers: Record<string, string> = {}) {
  const socket = connect(bench.api.port, '127.0.0.1');
  await once(socket, 'connect');
  const lines = {
    host: `127.0.0.1:${bench.api.port}`,
    connection: 'Upgrade',
    upgrade: 'websocket',
    'sec-websocket-version': '13',
    'sec-websocket-key': randomBytes(16).toString('base64'),
    ...headers,
  };
  const head = Object.entries(lines).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.write(`GET ${path} HTTP/1.1\r\n${head.join('')}\r\n`);
  const [answer] = (await once(socket, 'data')) as [Buffer];
  return { socket, answer: answer.toString('latin1') };
}

const LINE = '/v1/bot?channel=line';
const tokens = { http: { tokens: ['let-me-in'] } };

describe('a bot is let in', () => {
  it('with a token, where tokens are asked for', async () => {
    bench = await socketBench(tokens);
    const bot = await bench.connect(LINE, { authorization: 'Bearer let-me-in' });
    bench.runtime.publish(anEvent(1));
    await eventually(() => bot.seqs).toEqual([1]);
  });

  it.each<[string, object, string, Record<string, string>, RegExp]>([
    ['without a token', tokens, LINE, {}, /^HTTP\/1\.1 401 .*"code":"unauthorized"/s],
    ['with a wrong token', tokens, LINE, { authorization: 'Bearer x' }, /^HTTP\/1\.1 401 /],
    ['for no channel', {}, '/v1/bot', {}, /^HTTP\/1\.1 422 .*"path":"querystring"/s],
    [
      'for a channel nobody is told of',
      { others: { deaf: null } },
      '/v1/bot?channel=deaf',
      {},
      /^HTTP\/1\.1 422 .*"code":"unknown_channel"/s,
    ],
    [
      'from a page of another origin',
      {},
      LINE,
      { origin: 'https://evil.example' },
      /^HTTP\/1\.1 403 .*"code":"foreign_origin"/s,
    ],
    ['from a page without an origin', {}, LINE, { origin: 'null' }, /^HTTP\/1\.1 403 /],
    ['at another path', {}, '/v1/robots', {}, /^HTTP\/1\.1 404 /],
  ])('but not %s, and the connection ends', async (_why, options, path, headers, answered) => {
    bench = await socketBench(options);
    const { socket, answer } = await handshake(path, headers);
    expect(answer).toMatch(answered);
    await eventually(() => socket.destroyed || socket.readableEnded).toBe(true);
    socket.destroy();
    bench.runtime.publish(anEvent(1));
    await eventually(() => bench.receiver.received).toHaveLength(1);
  });

  it('from a page of our own address', async () => {
    bench = await socketBench();
    const { socket, answer } = await handshake(LINE, { origin: bench.api.url });
    expect(answer).toMatch(/^HTTP\/1\.1 101 /);
    socket.destroy();
  });

  it('up to a limit', async () => {
    bench = await socketBench({ http: { limits: { bots: 1 } } });
    await bench.connect();
    const { socket, answer } = await handshake(LINE);
    expect(answer).toMatch(/^HTTP\/1\.1 503 .*"code":"too_many_streams"/s);
    socket.destroy();
  });

  it('by a WebSocket only', async () => {
    bench = await socketBench();
    const reply = await bench.api.get(LINE);
    expect([reply.status, reply.json['code']]).toEqual([400, 'bad_request']);
  });
});

describe('a bot that', () => {
  /** Connected, and then deaf: pings are not answered, and when `paused` nothing is read at all. */
  async function deafBot(paused: boolean): Promise<Socket> {
    const { socket, answer } = await handshake(LINE);
    expect(answer).toMatch(/^HTTP\/1\.1 101 /);
    if (paused) socket.pause();
    socket.on('error', () => undefined);
    return socket;
  }

  it('does not answer a ping is cut off by the next, and its events go to the webhook', async () => {
    bench = await socketBench();
    const socket = await deafBot(false);
    let pings = 0;
    socket.on('data', (data: Buffer) => (pings += data.filter((byte) => byte === 0x89).length));
    bench.runtime.publish(anEvent(1));
    bench.clock.advance(5_000);
    await eventually(() => pings).toBe(1);
    expect(bench.receiver.received).toEqual([]);
    bench.clock.advance(5_000);
    await eventually(() => bench.seqs()).toEqual([1]);
    await eventually(() => socket.destroyed).toBe(true);
  });

  it('answers is kept', async () => {
    bench = await socketBench();
    const bot = await bench.connect();
    for (let n = 1; n <= 4; n += 1) {
      bench.clock.advance(5_000);
      // Goes out behind the ping, so its acknowledgement comes behind the pong.
      bench.runtime.publish(anEvent(n));
      await eventually(() => bot.seqs).toHaveLength(n);
      bot.say({ ack: `evt_1-${n}` });
      await eventually(() => bench.count('eventDelivered(delivered)')).toBe(n);
    }
    expect(bot.closed).toBeUndefined();
  });

  it('does not read is cut off, and its events go to the webhook; publish never waits', async () => {
    bench = await socketBench({ delivery: { backlogBytes: 65_536, perCall: 2_000 } });
    const socket = await deafBot(true);
    const reason = 'x'.repeat(16_384);
    let published = 0;
    // The kernel's own buffers take some megabytes before anything waits with us.
    while (published < 1_500 && bench.receiver.received.length === 0) {
      published += 1;
      bench.runtime.publish(
        anEvent(published, '1', { type: 'call.warning', data: { problem: 'p', detail: reason } }),
      );
      if (published % 50 === 0) await new Promise(setImmediate);
    }
    expect(published).toBeLessThan(1_500);
    await bench.runtime.drain(60_000);
    expect(bench.seqs()).toEqual(Array.from({ length: published }, (_, i) => i + 1));
    socket.destroy();
  });

  it('sends a message beyond all measure is cut off with 1009', async () => {
    bench = await socketBench();
    const bot = await bench.connect();
    bot.say(' '.repeat(1_100_000));
    await eventually(() => bot.closed?.code).toBe(1009);
  });
});

describe('the end', () => {
  it('of the runtime closes the connection with 1001 and gives up what is left', async () => {
    bench = await socketBench();
    const bot = await bench.connect();
    bench.runtime.publish(anEvent(1), 1);
    await bench.runtime.close();
    await eventually(() => bot.closed).toEqual({ code: 1001, reason: 'the engine is shutting down' });
    expect(bench.count('eventLost(closed)')).toBe(1);
    expect(bench.answers).toEqual([]);
  });

  it('of the API does not wait for a bot that does not close', async () => {
    bench = await socketBench();
    const { socket } = await handshake(LINE);
    socket.pause();
    const closed = bench.api.api.close();
    await eventually(() => bench.clock.nextIn).toBe(2_000);
    bench.clock.advance(2_000);
    await closed;
    socket.destroy();
  });

  it('of a connection leaves no timer', async () => {
    bench = await socketBench();
    const bot = await bench.connect();
    expect(bench.clock.pending).toBeGreaterThan(0);
    bot.socket.close();
    await eventually(() => bench.clock.pending).toBe(0);
  });
});
