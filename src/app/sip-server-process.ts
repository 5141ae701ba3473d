import { spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { UsageError } from '../errors.js';
import type { Log } from '../ports/log.js';

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

const START_MS = 5_000;
/** A message lives for milliseconds: a larger nursery lets nearly all of them die there, unseen by the collector. */
const NODE_FLAGS = ['--max-semi-space-size=64'];
/** A server that dies at once again must not be started in a tight loop. */
const RESTART_MS = 500;
const STOP_MS = 3_000;

/** Built code only: under a test runner this file runs from `src`, the server still from `dist`. */
const ENTRY = fileURLToPath(
  import.meta.url.endsWith('.ts')
    ? new URL('../../dist/embedded/sip-server/main.js', import.meta.url)
    : new URL('../embedded/sip-server/main.js', import.meta.url),
);

/**
 * Starts the embedded SIP server as a process of its own and keeps it running: when it dies it is started again on
 * the same ports, and the engine's link to it reconnects by itself. It never outlives us: it ends with its stdin.
 */
export async function startSipServerProcess(args: SipServerArgs): Promise<SipServerProcess> {
  const secret = randomBytes(24).toString('base64url');
  let child = launch(args, '127.0.0.1:0', secret);
  const ready = await readyLine(child);
  const [host = '127.0.0.1', port = '0'] = ready.admin.split(':');
  const fixed = { ...args, listen: ready.listening };
  let stopping = false;
  const watch = (): void => {
    child.once('exit', (code, signal) => {
      if (stopping) return;
      args.log.error({ code, signal }, 'the embedded SIP server died; starting it again');
      setTimeout(() => {
        if (stopping) return;
        child = launch(fixed, ready.admin, secret);
        watch();
      }, RESTART_MS);
    });
  };
  watch();
  const stop = async (): Promise<void> => {
    stopping = true;
    await end(child);
  };
  return { host, port: Number(port), secret, pid: child.pid ?? 0, stop };
}

function launch({ listen, allow, timers }: SipServerArgs, admin: string, secret: string): ChildProcess {
  const args = [
    ...['--child', '--admin', admin],
    ...listen.flatMap((l) => ['--listen', l]),
    ...allow.flatMap((block) => ['--allow', block]),
    ...['--t1', String(timers.t1Ms), '--t2', String(timers.t2Ms), '--t4', String(timers.t4Ms)],
  ];
  return spawn(process.execPath, [...NODE_FLAGS, ENTRY, ...args], {
    env: { SWITCHHOOK_SIPD_SECRET: secret },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
}

interface Ready {
  readonly listening: readonly string[];
  readonly admin: string;
}

/** The server's one line, or its own words why there is none. */
async function readyLine(child: ChildProcess): Promise<Ready> {
  const errors: string[] = [];
  child.stderr?.setEncoding('utf8').on('data', (text: string) => errors.push(text));
  const line = new Promise<string>((resolve, reject) => {
    if (child.stdout !== null) createInterface(child.stdout).once('line', resolve);
    child.once('error', reject);
    child.once('exit', () =>
      reject(new UsageError(errors.join('').trim() || 'the embedded SIP server did not start')),
    );
    setTimeout(
      () => reject(new UsageError('the embedded SIP server did not start in time')),
      START_MS,
    ).unref();
  });
  try {
    return JSON.parse(await line) as Ready;
  } catch (error) {
    child.kill('SIGKILL');
    throw error;
  }
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  child.stdin?.end();
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), STOP_MS);
  await gone;
  clearTimeout(timer);
}
