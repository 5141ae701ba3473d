import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { Redis } from 'ioredis';
import type { RedisConnection } from '../../../src/adapters/redis/options.js';

type SingleRedis = Extract<RedisConnection, { kind: 'single' }>;

const HOST = '127.0.0.1';

/** A redis-server of this test's own: a free port, a fresh directory, nothing on disk unless told otherwise. */
export class RedisServer {
  private child: ChildProcess | null = null;

  private constructor(
    readonly port: number,
    private readonly dir: string,
    private readonly flags: readonly string[],
    private readonly file: string | null = null,
  ) {}

  static async start(...flags: string[]): Promise<RedisServer> {
    const server = await RedisServer.prepare(...flags);
    await server.restart();
    return server;
  }

  /** Its place only; {@link restart} starts it. */
  static async prepare(...flags: string[]): Promise<RedisServer> {
    const dir = await mkdtemp(join(tmpdir(), 'switchhook-redis-'));
    return new RedisServer(await freePort(), dir, flags);
  }

  /** Speaks TLS only, with a certificate of its own for 127.0.0.1 ({@link certificate}). */
  static async overTls(): Promise<RedisServer> {
    const dir = await mkdtemp(join(tmpdir(), 'switchhook-redis-'));
    const [key, cert, port] = [join(dir, 'key.pem'), join(dir, 'cert.pem'), await freePort()];
    const name = ['-subj', '/CN=switchhook test', '-addext', 'subjectAltName=IP:127.0.0.1'];
    const request = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', ...name];
    execFileSync('openssl', [...request, '-keyout', key, '-out', cert], { stdio: 'ignore' });
    const tls = ['--port', '0', '--tls-port', String(port), '--tls-cert-file', cert, '--tls-key-file', key];
    const server = new RedisServer(port, dir, [
      ...tls,
      '--tls-ca-cert-file',
      cert,
      '--tls-auth-clients',
      'no',
    ]);
    await server.restart();
    return server;
  }

  /** File of the certificate of {@link overTls}. */
  get certificate(): string {
    return join(this.dir, 'cert.pem');
  }

  /** A sentinel; it keeps what it learns in its configuration. */
  static async sentinel(...lines: string[]): Promise<RedisServer> {
    const dir = await mkdtemp(join(tmpdir(), 'switchhook-redis-'));
    const file = join(dir, 'sentinel.conf');
    await writeFile(file, `${lines.join('\n')}\n`);
    const server = new RedisServer(await freePort(), dir, ['--sentinel'], file);
    await server.restart();
    return server;
  }

  connection(over: { password?: string; db?: number; tls?: boolean } = {}): SingleRedis {
    const node = { host: HOST, port: this.port };
    return { kind: 'single', node, username: null, password: null, tls: false, db: 0, ...over };
  }

  /** A client to look at what is there, past the store. */
  async look<T>(run: (redis: Redis) => Promise<T>, password?: string): Promise<T> {
    const redis = new Redis({ host: HOST, port: this.port, ...(password === undefined ? {} : { password }) });
    try {
      return await run(redis);
    } finally {
      redis.disconnect();
    }
  }

  async restart(): Promise<void> {
    const here = ['--port', String(this.port), '--bind', HOST, '--dir', this.dir];
    const args = this.file === null ? [...here, '--save', ''] : [this.file, ...here];
    const child = spawn('redis-server', [...args, ...this.flags], { stdio: ['ignore', 'pipe', 'inherit'] });
    this.child = child;
    await new Promise<void>((resolve, reject) => {
      child.once('error', reject);
      child.once('exit', (code) => reject(new Error(`redis-server ended with ${code}`)));
      createInterface(child.stdout).on('line', (line) => {
        if (/Ready to accept connections|Sentinel ID is/.test(line)) resolve();
      });
    });
  }

  async kill(): Promise<void> {
    const child = this.child;
    if (child === null || child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, 'exit');
    child.kill('SIGKILL');
    await gone;
  }

  freeze(): void {
    this.child?.kill('SIGSTOP');
  }

  thaw(): void {
    this.child?.kill('SIGCONT');
  }

  async stop(): Promise<void> {
    await this.kill();
    await rm(this.dir, { recursive: true, force: true });
  }
}

export async function freePort(): Promise<number> {
  const probe = createServer();
  probe.listen(0, HOST);
  await once(probe, 'listening');
  const { port } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, 'close');
  return port;
}
