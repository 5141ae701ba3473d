import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer as createHttpServer } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { doctorProbes } from '../../../src/app/doctor-probes.js';
import type { Finding } from '../../../src/ports/finding.js';
import { startEmbedded } from '../../support/drachtio-backend.js';
import { MediaProcess } from '../../support/media-process.js';
import { freePort, RedisServer } from '../store/redis-server.js';

/** Enough for loopback, little to wait for where nobody answers. */
const PATIENCE_MS = 1500;
const probes = doctorProbes(process.env['PATH'], PATIENCE_MS);

const open: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close();
});

/** Accepts connections and never says a word. */
async function blackHole(): Promise<number> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => void sockets.add(socket));
  open.push(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return listening(server);
}

async function listening(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

const closed = freePort;

const bads = (findings: readonly Finding[]): string[] =>
  findings.filter(({ verdict }) => verdict === 'bad').map(({ says }) => says);

describe('a SIP server', () => {
  const at = (port: number, secret = 'contract') =>
    probes.sipServer({ host: '127.0.0.1', port, secret, tls: false });

  it('that lets us in says what it is; one that does not has another secret', async () => {
    const backend = await startEmbedded();
    open.push(() => backend.close());
    const { port } = backend.admin;
    expect(await at(port)).toMatchObject({
      verdict: 'ok',
      says: expect.stringMatching(/^lets us in, version v0\.9\.\S+-embedded, SIP on udp\/127/) as string,
    });
    expect(await at(port, 'wrong')).toMatchObject({
      ...{ verdict: 'bad', says: 'refuses the secret' },
      todo: expect.stringContaining('sip.server.secret') as string,
    });
  });

  it('that is not there, or is another program', async () => {
    expect(await at(await closed())).toMatchObject({
      verdict: 'bad',
      says: 'cannot be reached (ECONNREFUSED)',
    });
    expect(await at(await blackHole())).toMatchObject({
      verdict: 'bad',
      says: `accepts connections and says nothing for ${PATIENCE_MS} ms`,
    });
  });
});

describe('a media server', () => {
  it('lets us in, or the secret, the profile, the port is wrong', async () => {
    const media = await MediaProcess.start();
    open.push(() => media.kill());
    const { address } = media;
    const ask = (change: Partial<typeof address>) => probes.mediaServer({ ...address, ...change });
    expect(await ask({})).toMatchObject({
      verdict: 'ok',
      says: 'lets us in and has the profile drachtio_mrf',
    });
    expect(await ask({ secret: 'wrong' })).toMatchObject({ verdict: 'bad', says: 'refuses the secret' });
    expect(await ask({ profile: 'external' })).toMatchObject({
      verdict: 'bad',
      says: 'has no SIP profile "external"',
    });
    expect(await ask({ port: await closed() })).toMatchObject({
      verdict: 'bad',
      says: expect.stringContaining('ECONNREFUSED') as string,
    });
    media.freeze();
    expect(await ask({})).toMatchObject({ verdict: 'bad', says: `says nothing for ${PATIENCE_MS} ms` });
    media.thaw();
  });
});

describe('a Redis', () => {
  async function redis(...flags: string[]): Promise<RedisServer> {
    const server = await RedisServer.start(...flags);
    open.push(() => server.stop());
    return server;
  }
  const url = ({ port }: { readonly port: number }, db = 0) => `redis://127.0.0.1:${port}/${db}`;

  it('to trust live calls to has nothing said against it', async () => {
    const findings = await probes.store(url(await redis('--appendonly', 'yes')));
    expect(findings.map(({ verdict }) => verdict)).toEqual(Array(6).fill('ok'));
    expect(findings.map(({ says }) => says)).toEqual([
      expect.stringMatching(/^lets us in, version \d+\.\d+\.\d+$/),
      'is a master',
      'evicts nothing',
      'keeps what it has on disk (appendonly)',
      expect.stringContaining('has no replica'),
      'has the same time as this machine',
    ]);
  });

  it('of another password', async () => {
    const server = await redis('--requirepass', 'right');
    for (const store of [url(server), { url: url(server), password: 'wrong' }]) {
      const [finding, ...more] = await probes.store(store);
      expect([finding?.verdict, finding?.says, more]).toEqual([
        'bad',
        expect.stringMatching(/^refuses the password \((WRONGPASS|NOAUTH)/),
        [],
      ]);
    }
    expect(bads(await probes.store({ url: url(server), password: 'right' }))).toEqual([]);
  });

  it('that is a replica, evicts, keeps nothing', async () => {
    const master = await redis();
    const flags = ['--replicaof', `127.0.0.1 ${master.port}`, '--maxmemory', '100mb'];
    const replica = await redis(...flags, '--maxmemory-policy', 'allkeys-lru');
    const findings = await probes.store(url(replica));
    expect(bads(findings)).toEqual([
      'is a replica and takes no writes',
      'throws away what it likes when it is full (maxmemory-policy allkeys-lru)',
    ]);
    expect(findings.find(({ verdict }) => verdict === 'warn')?.says).toBe(
      'keeps nothing on disk: its restart forgets records and live calls',
    );
  });

  it('that is not there, silent, or has no such database', async () => {
    const server = await redis();
    expect(bads(await probes.store(url(server, 99)))).toEqual([
      expect.stringMatching(/^has no such database \(ERR DB index/),
    ]);
    expect(bads(await probes.store(url({ port: await closed() })))).toEqual([
      expect.stringMatching(/^cannot be used \(.*ECONNREFUSED/),
    ]);
    expect(bads(await probes.store(url({ port: await blackHole() })))).toEqual([
      expect.stringContaining('cannot be used ('),
    ]);
  });

  it('with a certificate of its own', async () => {
    const server = await RedisServer.overTls();
    open.push(() => server.stop());
    expect(bads(await probes.store(`rediss://127.0.0.1:${server.port}/0`))).toEqual([
      expect.stringContaining('has a certificate that is not trusted'),
    ]);
  });
});

describe('a bot', () => {
  it('is asked by HEAD, without a body, once', async () => {
    const heard: string[] = [];
    const server = createHttpServer((request, response) => {
      heard.push(`${request.method} ${request.url} ${request.headers['content-length'] ?? 'no body'}`);
      response.writeHead(405).end();
    });
    open.push(() => server.close());
    const url = `http://127.0.0.1:${await listening(server)}/events`;
    expect(await probes.web(url)).toEqual({ kind: 'answered', status: 405 });
    expect(heard).toEqual(['HEAD /events no body']);
  });

  it('is not there, does not answer, is not who it says', async () => {
    expect(await probes.web(`http://127.0.0.1:${await closed()}/`)).toEqual({
      ...{ kind: 'unreachable', why: 'ECONNREFUSED' },
    });
    expect((await probes.web(`http://127.0.0.1:${await blackHole()}/`)).kind).toBe('silent');
    const redis = await RedisServer.overTls();
    open.push(() => redis.stop());
    const key = readFileSync(redis.certificate.replace('cert.pem', 'key.pem'));
    const server = createHttpsServer({ key, cert: readFileSync(redis.certificate) });
    open.push(() => server.close());
    expect((await probes.web(`https://127.0.0.1:${await listening(server)}/`)).kind).toBe('untrusted');
  });
});

describe('this machine', () => {
  it('names without an address, and with one', async () => {
    expect(await probes.whyNoAddress('localhost')).toBeUndefined();
    // RFC 2606: never in any DNS.
    expect(await probes.whyNoAddress('nowhere.invalid')).toMatch(/^E/);
  });

  it('directories', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'switchhook-doctor-'));
    open.push(() => rmSync(dir, { recursive: true }));
    const { problem, free } = await probes.place(dir);
    expect([problem, (free ?? 0) > 0]).toEqual([null, true]);
    writeFileSync(join(dir, 'file'), '');
    expect((await probes.place(join(dir, 'file'))).problem).toBe('is a file');
    expect((await probes.place(join(dir, 'gone'))).problem).toBe('is not there');
    // Root may write anywhere.
    if (process.getuid?.() === 0) return;
    chmodSync(dir, 0o500);
    expect((await probes.place(dir)).problem).toBe('cannot be written by this user');
  });

  it('programs', () => {
    expect([probes.runs('node'), probes.runs('no-such-program')]).toEqual([true, false]);
  });
});
