import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { WebSocket } from 'undici';
import type { Watched } from './subject.js';

const OPEN_MS = 2_000;
const COLLECT_MS = 5_000;

/**
 * Collects the garbage of another Node process, so that resident memory tells what is kept and not when V8 last
 * cleaned up. SIGUSR1 makes Node open its inspector, on loopback; the programs need nothing for it.
 *
 * @returns false when it could not be done (the inspector's port is somebody else's)
 */
export async function collectGarbage({ pid, inspector }: Watched): Promise<boolean> {
  if (inspector === undefined) return false;
  process.kill(pid, 'SIGUSR1');
  const until = Date.now() + OPEN_MS;
  while (Date.now() < until) {
    const url = 'log' in inspector ? urlInLog(inspector.log) : await urlAtPort(inspector.port);
    if (url !== undefined) return collectAt(url, pid).catch(() => false);
    await sleep(50);
  }
  return false;
}

const urlInLog = (file: string): string | undefined =>
  /Debugger listening on (ws:\S+)/.exec(readFileSync(file, 'utf8'))?.[1];

async function urlAtPort(port: number): Promise<string | undefined> {
  try {
    const answer = await fetch(`http://127.0.0.1:${port}/json/list`, { signal: AbortSignal.timeout(500) });
    const [first] = (await answer.json()) as { webSocketDebuggerUrl?: string }[];
    return first?.webSocketDebuggerUrl;
  } catch {
    return undefined;
  }
}

interface Reply {
  readonly id?: number;
  readonly result?: { readonly result?: { readonly value?: unknown } };
}

const COMMANDS = [
  { id: 1, method: 'Runtime.evaluate', params: { expression: 'process.pid' } },
  // Twice: what only finalizers of the first pass let go of falls to the second.
  { id: 2, method: 'HeapProfiler.collectGarbage' },
  { id: 3, method: 'HeapProfiler.collectGarbage' },
];

/** False when another process than the one meant answers at that address. */
function collectAt(url: string, pid: number): Promise<boolean> {
  const socket = new WebSocket(url);
  const done = new Promise<boolean>((resolve, reject) => {
    setTimeout(() => reject(new Error('the inspector did not answer')), COLLECT_MS).unref();
    socket.addEventListener('error', () => reject(new Error('the inspector did not let us in')));
    const send = (index: number): void => socket.send(JSON.stringify(COMMANDS[index]));
    socket.addEventListener('open', () => send(0));
    socket.addEventListener('message', ({ data }) => {
      const { id, result } = JSON.parse(String(data)) as Reply;
      if (id === 1 && result?.result?.value !== pid) resolve(false);
      else if (id === COMMANDS.length) resolve(true);
      else if (id !== undefined) send(id);
    });
  });
  return done.finally(() => socket.close());
}
