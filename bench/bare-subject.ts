import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { Child } from './child.js';
import { loopbackUdpPort, serverProcess } from './sip-address.js';
import type { DrachtioAddress, Running, StartOptions, Subject, Watched } from './subject.js';
import { DIST_SIPD, type Workspace } from './workspace.js';

/** drachtio-srf's createB2BUA alone, on an embedded server of its own or on a drachtio-server. */
export function bareSubject(work: Workspace, drachtio?: DrachtioAddress): Subject {
  const server = drachtio === undefined ? 'embedded' : 'drachtio';
  const start = (options: StartOptions): Promise<Running> =>
    drachtio === undefined
      ? onOwnServer(work, options)
      : startB2bua(work, options.botPort, drachtio, serverProcess(drachtio));
  return { name: `bare createB2BUA on ${server}`, kind: 'bare', server, start };
}

async function onOwnServer(work: Workspace, { botPort, t1Ms }: StartOptions): Promise<Running> {
  const secret = randomBytes(16).toString('hex');
  const log = work.file('sipd.log');
  const args = [
    ...['--inspect-port=0', DIST_SIPD, '--child', '--admin', '127.0.0.1:0', '--listen', 'udp:127.0.0.1:0'],
    ...(t1Ms === undefined ? [] : ['--t1', String(t1Ms)]),
  ];
  const env = { SWITCHHOOK_SIPD_SECRET: secret };
  const sipd = new Child(process.execPath, args, { cwd: work.directory, log, env }, 'pipe');
  const { admin } = JSON.parse(await sipd.line(/^\{/)) as { admin: string };
  const [host = '', port = ''] = admin.split(':');
  const watched: Watched = { name: 'sipd', pid: sipd.pid, inspector: { log } };
  const running = await startB2bua(work, botPort, { host, port: Number(port), secret }, [watched]);
  const stop = async (): Promise<void> => {
    await running.stop();
    await sipd.stop();
  };
  return { ...running, stop };
}

async function startB2bua(
  work: Workspace,
  botPort: number,
  { host, port, secret }: DrachtioAddress,
  server: readonly Watched[],
): Promise<Running> {
  const log = work.file('b2bua.log');
  const env = {
    BENCH_HOST: host,
    BENCH_PORT: String(port),
    BENCH_SECRET: secret,
    BENCH_BOT: `sip:bot@127.0.0.1:${botPort}`,
  };
  const args = ['--inspect-port=0', join(import.meta.dirname, 'bare-b2bua.mjs')];
  const child = new Child(process.execPath, args, { cwd: work.directory, log, env }, 'pipe');
  const line = await child.line(/^ready /);
  return {
    sipPort: loopbackUdpPort(line),
    processes: [{ name: 'b2bua', pid: child.pid, inspector: { log } }, ...server],
    api: undefined,
    stop: () => child.stop(),
  };
}
