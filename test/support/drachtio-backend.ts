import { closeSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SipServerOptions } from '../../src/embedded/sip-server/options.js';
import { startSipServer, type SipServer } from '../../src/embedded/sip-server/server.js';
import { FrameClient } from './frame-client.js';
import { until, sleep } from './poll.js';
import { bracketed, type Address } from './sip-phone/index.js';

/** Where an application connects to. */
export interface Admin {
  readonly host: string;
  readonly port: number;
  readonly secret: string;
}

/** SIP timers the server under test runs with, in ms: tests scale their waits by them. */
export interface Timers {
  readonly t1: number;
  readonly t2: number;
  readonly t4: number;
  readonly t1x64: number;
}

/** A drachtio-server, embedded or real, ready to be used. */
export interface Backend {
  readonly real: boolean;
  readonly admin: Admin;
  readonly timers: Timers;
  /** `proto/host:port` list the server announces to applications. */
  readonly hostports: readonly string[];
  sip(proto?: Address['proto'], host?: string): Address;
  /** Waits until nothing is left of the calls: transactions, dialogs, pending requests. No-op on the real one. */
  idle(): Promise<void>;
  readonly server: SipServer | null;
  close(): Promise<void>;
}

export type EmbeddedOptions = Partial<SipServerOptions>;

/** Small enough that a timeout test takes a second, large enough for a machine that is busy with other tests. */
export const FAST: Timers = { t1: 80, t2: 320, t4: 80, t1x64: 1000 };

const FAST_WAITS = { ...FAST, d: 1000, c: 60_000, appAnswer: 1800, requestAnswer: 1000 };

const REAL_DEFAULTS: Timers = { t1: 500, t2: 4000, t4: 5000, t1x64: 32_000 };

/** `host:port:secret` of a real drachtio-server, when the suite shall run against one too. */
const given = /^(.+):(\d+):([^:]+)$/.exec(process.env['SWITCHHOOK_TEST_DRACHTIO'] ?? '');

export const realGiven = given !== null;

/** `t1,t2,t4,t1x64` when the real server's configuration changes them. */
function realTimers(): Timers {
  const [t1, t2, t4, t1x64] = (process.env['SWITCHHOOK_TEST_DRACHTIO_TIMERS'] ?? '').split(',').map(Number);
  if (t1 === undefined || t2 === undefined || t4 === undefined || t1x64 === undefined) return REAL_DEFAULTS;
  return { t1, t2, t4, t1x64 };
}

function addressIn(hostports: readonly string[], proto: Address['proto'], host: string): Address {
  const prefix = `${proto}/${bracketed(host)}:`;
  const entry = hostports.find((h) => h.startsWith(prefix));
  if (entry === undefined) throw new Error(`the server has no ${prefix}..., only ${hostports.join(', ')}`);
  return { proto, host, port: Number(entry.slice(prefix.length)) };
}

export async function startEmbedded(options: EmbeddedOptions = {}): Promise<Backend> {
  const secret = options.secret ?? 'contract';
  const server = await startSipServer({
    listen: ['udp:127.0.0.1:0', 'tcp:127.0.0.1:0', 'udp:[::1]:0', 'tcp:[::1]:0'],
    admin: { host: '127.0.0.1', port: 0 },
    // Most tests end with nothing left over.
    orphanMs: 0,
    ...options,
    secret,
    timers: { ...FAST_WAITS, ...options.timers },
  });
  const hostports = server.listening.map((entry) => entry.replace(':', '/'));
  return {
    real: false,
    admin: { host: server.admin.host, port: server.admin.port, secret },
    timers: { ...FAST, ...options.timers },
    hostports,
    sip: (proto = 'udp', host = '127.0.0.1') => addressIn(hostports, proto, host),
    idle: () => idle(server),
    server,
    close: () => server.close(),
  };
}

async function idle(server: SipServer): Promise<void> {
  const left = (): Record<string, number> => {
    const { clientTransactions, serverTransactions, dialogs, pendingRequests } = server.stats();
    return { clientTransactions, serverTransactions, dialogs, pendingRequests };
  };
  const empty = (): boolean => Object.values(left()).every((n) => n === 0);
  await until(empty, () => `nothing left over in the server; left: ${JSON.stringify(left())}`, 6000);
}

/** The real server named by the environment. One test file at a time: it shares calls out among all applications. */
export async function attachReal(): Promise<Backend> {
  if (given === null) throw new Error('real drachtio-server: not given');
  const [, host = '', port = '', secret = ''] = given;
  const admin = { host, port: Number(port), secret };
  const unlock = await lock(`switchhook-drachtio-${port}.lock`);
  const probe = await FrameClient.open(admin);
  const reply = await probe.authenticate(secret);
  probe.close();
  const hostports = (reply.tokens[4] ?? '').split(',');
  return {
    real: true,
    admin,
    timers: realTimers(),
    hostports,
    sip: (proto = 'udp', ip = '127.0.0.1') => addressIn(hostports, proto, ip),
    idle: () => Promise.resolve(),
    server: null,
    close: () => {
      unlock();
      return Promise.resolve();
    },
  };
}

/** A lock across test processes: a file with the owner's pid, stale once that process is gone. */
async function lock(name: string): Promise<() => void> {
  const path = join(tmpdir(), name);
  for (;;) {
    try {
      const fd = openSync(path, 'wx');
      writeSync(fd, String(process.pid));
      closeSync(fd);
      return () => rmSync(path, { force: true });
    } catch {
      if (!ownerLives(path)) rmSync(path, { force: true });
      await sleep(50);
    }
  }
}

function ownerLives(path: string): boolean {
  try {
    const pid = Number(readFileSync(path, 'utf8'));
    // Empty: the owner is between creating and writing.
    if (pid > 0) process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
