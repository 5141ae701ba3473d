import { createServer, type AddressInfo } from 'node:net';
import { createSocket } from 'node:dgram';
import { describe, expect, it } from 'vitest';
import { runCheckConfig } from './check-config.js';
import { runDoctor, type Probes } from './doctor.js';
import type { Fetch } from './io.js';
import { whyNotFree, whyNotReachable } from './port-free.js';

const nobody: Fetch = () => Promise.reject(new TypeError('fetch failed'));
const status =
  (code: number): Fetch =>
  () =>
    Promise.resolve(new Response('{}', { status: code }));
const allFree: Probes = {
  whyNotFree: () => Promise.resolve(undefined),
  whyNotReachable: () => Promise.resolve(undefined),
};

const source = (yaml: string) => ({ file: 'x.yaml', env: {}, readFile: () => yaml });

async function doctor(yaml: string, fetch: Fetch, probes: Probes = allFree) {
  let out = '';
  const io = { stdout: { write: (text: string) => (out += text) }, stderr: { write: () => true }, fetch };
  return { code: await runDoctor(source(yaml), io, probes), lines: out.trimEnd().split('\n') };
}

describe('switchhook doctor', () => {
  it('finds a machine on which the engine can start', async () => {
    expect(await doctor('', nobody)).toEqual({
      code: 0,
      lines: [
        'ok  configuration x.yaml: 0 trunk(s), 0 channel(s)',
        'ok  sip udp:127.0.0.1:5060 is free',
        'ok  sip tcp:127.0.0.1:5060 is free',
        'ok  api 127.0.0.1:8080 is free',
      ],
    });
  });

  it('names the port that is taken and the key to change', async () => {
    const probes = {
      ...allFree,
      whyNotFree: ({ transport }: { transport: string }) =>
        Promise.resolve(transport === 'udp' ? 'EADDRINUSE' : undefined),
    };
    const { code, lines } = await doctor('', nobody, probes);
    expect(code).toBe(1);
    expect(lines[1]).toBe(
      'bad sip udp:127.0.0.1:5060 is taken by another program; stop that program, or change sip.listen',
    );
  });

  it('knocks at every FreeSWITCH, where a channel needs one', async () => {
    const probes: Probes = {
      ...allFree,
      whyNotReachable: (_host, port) => Promise.resolve(port === 8022 ? 'ECONNREFUSED' : undefined),
    };
    const servers = [8021, 8022].map((port) => ({ address: '127.0.0.1', port, secret: 'of our own' }));
    const yaml = (media: string): string =>
      JSON.stringify({
        media: { server: servers },
        channels: { line: { media, bot: { kind: 'sip', uri: 'sip:127.0.0.1:5090' } } },
      });
    const { code, lines } = await doctor(yaml('anchored'), nobody, probes);
    expect(code).toBe(1);
    expect(lines.filter((line) => line.includes('FreeSWITCH'))).toEqual([
      'ok  FreeSWITCH 127.0.0.1:8021 accepts connections',
      'bad FreeSWITCH 127.0.0.1:8022 cannot be reached (ECONNREFUSED); is it running?',
    ]);
    expect((await doctor(yaml('direct'), nobody, probes)).code).toBe(0);
  });

  it('sees an engine that runs, and one that is not ready', async () => {
    expect((await doctor('', status(200))).lines[1]).toBe(
      'ok  an engine runs at http://127.0.0.1:8080 and is ready',
    );
    expect(await doctor('', status(503))).toMatchObject({
      code: 1,
      lines: [expect.anything(), expect.stringContaining('not ready')],
    });
  });

  it('says in words what is wrong with the trunks of an engine that runs', async () => {
    const dependencies = {
      engine: 'up',
      'trunk:carrier': 'down',
      'trunk:backup': 'degraded',
      'trunk:good': 'up',
    };
    const details = {
      'trunk:carrier': 'registration refused: 403 For\u001b[2J\r\nbidden; check trunks.carrier.auth',
      'trunk:backup': 'a ping was missed: no answer to OPTIONS; check trunks.backup.proxy',
    };
    const body = JSON.stringify({ ready: true, dependencies, details });
    const { code, lines } = await doctor('', () => Promise.resolve(new Response(body)));
    expect(code).toBe(1);
    expect(lines.slice(2)).toEqual([
      'bad trunk carrier: registration refused: 403 For [2J bidden; check trunks.carrier.auth',
      'ok  trunk backup: a ping was missed: no answer to OPTIONS; check trunks.backup.proxy',
      'ok  trunk good: up',
    ]);
    const older = await doctor('', () => Promise.resolve(new Response('not JSON')));
    expect([older.code, older.lines.length]).toEqual([0, 2]);
  });

  it('looks for a drachtio-server', async () => {
    const probes = { ...allFree, whyNotReachable: () => Promise.resolve('ECONNREFUSED') };
    const { code, lines } = await doctor('sip: { server: { host: 127.0.0.1, secret: x } }', nobody, probes);
    expect([code, lines[1]]).toEqual([
      1,
      'bad drachtio-server 127.0.0.1:9022 cannot be reached (ECONNREFUSED); is it running?',
    ]);
  });

  it('reports every mistake of the configuration', async () => {
    const { code, lines } = await doctor('sipp: 1\napii: 2', nobody);
    expect([code, lines.length]).toEqual([1, 2]);
    expect(lines[0]).toBe('bad x.yaml:1:1: sipp: unknown key; did you mean "sip"?');
  });
});

describe('switchhook check-config', () => {
  const check = (yaml: string) => {
    let out = '';
    const code = runCheckConfig(source(yaml), {
      stdout: { write: (text) => (out += text) },
      stderr: { write: () => true },
    });
    return { code, out };
  };
  it('says ok, or what is wrong', () => {
    expect(check('')).toEqual({ code: 0, out: 'ok\n' });
    expect(check('a: 1\ndrainMs: -1')).toEqual({
      code: 1,
      out: expect.stringMatching(/^x\.yaml:1:1: a: unknown key.*\nx\.yaml:2:1: drainMs: .*\n$/) as unknown,
    });
  });
});

describe('ports', () => {
  it('a TCP port in use is not free, and can be reached', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    expect(await whyNotFree({ transport: 'tcp', host: '127.0.0.1', port })).toBe('EADDRINUSE');
    expect(await whyNotReachable('127.0.0.1', port, 1000)).toBeUndefined();
    await new Promise((resolve) => server.close(resolve));
    expect(await whyNotFree({ transport: 'tcp', host: '127.0.0.1', port })).toBeUndefined();
    expect(await whyNotReachable('127.0.0.1', port, 1000)).toBe('ECONNREFUSED');
  });

  it('a UDP port in use is not free', async () => {
    const socket = createSocket('udp4');
    await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
    const { port } = socket.address();
    expect(await whyNotFree({ transport: 'udp', host: '127.0.0.1', port })).toBe('EADDRINUSE');
    await new Promise<void>((resolve) => socket.close(() => resolve()));
    expect(await whyNotFree({ transport: 'udp', host: '127.0.0.1', port })).toBeUndefined();
  });
});
