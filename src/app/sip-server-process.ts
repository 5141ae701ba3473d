import { randomBytes } from 'node:crypto';
import type { Log } from '../ports/log.js';
import { startServerProcess } from './server-process.js';

/** Where the embedded SIP server is and what it takes to talk to it. */
export interface SipServerProcess {
  readonly host: string;
  readonly port: number;
  readonly secret: string;
  readonly pid: number;
  stop(): Promise<void>;
}

export interface SipServerArgs {
  readonly listen: readonly string[];
  /** Sources of new requests: what no trunk allows gets no answer, not even a 100. */
  readonly allow: readonly string[];
  readonly timers: { readonly t1Ms: number; readonly t2Ms: number; readonly t4Ms: number };
  readonly log: Log;
}

interface Ready {
  readonly listening: readonly string[];
  readonly admin: string;
}

/** A message lives for milliseconds: a larger nursery lets nearly all of them die there, unseen by the collector. */
const NODE_FLAGS = ['--max-semi-space-size=64'];

/** Starts the embedded SIP server as a process of its own and keeps it running. */
export async function startSipServerProcess(args: SipServerArgs): Promise<SipServerProcess> {
  const { listen, allow, timers, log } = args;
  const secret = randomBytes(24).toString('base64url');
  const program = {
    what: 'the embedded SIP server',
    folder: 'sip-server',
    nodeFlags: NODE_FLAGS,
    env: { SWITCHHOOK_SIPD_SECRET: secret },
    args: (before: Ready | null) => [
      ...['--admin', before?.admin ?? '127.0.0.1:0'],
      ...(before?.listening ?? listen).flatMap((l) => ['--listen', l]),
      ...allow.flatMap((block) => ['--allow', block]),
      ...['--t1', String(timers.t1Ms), '--t2', String(timers.t2Ms), '--t4', String(timers.t4Ms)],
    ],
  };
  const process = await startServerProcess<Ready>(program, log);
  const [host = '127.0.0.1', port = '0'] = process.ready.admin.split(':');
  return { host, port: Number(port), secret, pid: process.pid, stop: () => process.stop() };
}
