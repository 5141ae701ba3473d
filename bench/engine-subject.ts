import { writeFileSync } from 'node:fs';
import { Child } from './child.js';
import { childrenOf } from './proc.js';
import { startRedis } from './redis.js';
import { loopbackUdpPort, serverProcess } from './sip-address.js';
import type { DrachtioAddress, Running, StartOptions, Subject, Watched } from './subject.js';
import { DIST_MAIN, type Workspace } from './workspace.js';

/** Where a Node process that was not told otherwise opens its inspector. */
const DEFAULT_INSPECTOR_PORT = 9229;
const DEFAULT_T1_MS = 500;

/** The engine as users start it, with its embedded server or on a drachtio-server. */
export function engineSubject(work: Workspace, drachtio?: DrachtioAddress): Subject {
  const server = drachtio === undefined ? 'embedded' : 'drachtio';
  const start = (options: StartOptions): Promise<Running> => engineOn(work, options, drachtio, 'memory');
  return { name: `engine on ${server}`, kind: 'engine', server, start };
}

/** The same with everything that outlives it in a Redis, which counts as well. */
export function engineWithRedis(work: Workspace): Subject {
  const start = async (options: StartOptions): Promise<Running> => {
    const redis = await startRedis(work);
    const running = await engineOn(work, options, undefined, redis.url);
    const stop = (): Promise<void> => running.stop().then(() => redis.stop());
    return { ...running, processes: [...running.processes, redis.process], stop };
  };
  return { name: 'engine on embedded, Redis', kind: 'engine', server: 'embedded', start };
}

async function engineOn(
  work: Workspace,
  options: StartOptions,
  drachtio: DrachtioAddress | undefined,
  store: string,
): Promise<Running> {
  const config = work.file('engine.yaml');
  const log = work.file('engine.log');
  // JSON is YAML.
  writeFileSync(config, JSON.stringify({ ...configOf(options, drachtio), store }));
  // Only where the inspector would listen if it were opened: garbage is collected through it before memory is read.
  const args = ['--inspect-port=0', DIST_MAIN, 'start', '--config', config];
  const child = new Child(process.execPath, args, { cwd: work.directory, log }, 'pipe');
  const line = await child.line(/^ready /);
  const engine: Watched = { name: 'engine', pid: child.pid, inspector: { log } };
  return {
    sipPort: loopbackUdpPort(line),
    processes: [engine, ...(drachtio === undefined ? ownServer(child.pid) : serverProcess(drachtio))],
    api: /api=(\S+)/.exec(line)?.[1],
    stop: () => child.stop(),
  };
}

function ownServer(engine: number): Watched[] {
  return childrenOf(engine).map((pid) => ({
    name: 'sipd',
    pid,
    inspector: { port: DEFAULT_INSPECTOR_PORT },
  }));
}

function configOf(
  { botPort, t1Ms = DEFAULT_T1_MS }: StartOptions,
  drachtio: DrachtioAddress | undefined,
): object {
  const loopback = '127.0.0.1';
  return {
    sip:
      drachtio === undefined
        ? { server: 'embedded', listen: [`udp:${loopback}:0`], timers: { t1Ms } }
        : { server: drachtio },
    media: { server: 'none' },
    api: { listen: `${loopback}:0` },
    trunks: { carrier: { allow: [`${loopback}/32`], proxy: `sip:${loopback}:${botPort}` } },
    channels: {
      bench: {
        match: { trunk: 'carrier' },
        trunk: 'carrier',
        bot: { kind: 'sip', uri: `sip:bot@${loopback}:${botPort}` },
      },
    },
    policy: { allow: { hosts: [loopback] } },
    limits: { maxCalls: 1_000_000 },
    log: { level: 'warn' },
    drainMs: 0,
  };
}
