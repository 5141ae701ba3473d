import { setTimeout as sleep } from 'node:timers/promises';
import { createInterface } from 'node:readline';
import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { join } from 'node:path';
import { sdp } from '../test/support/sip-phone/index.js';
import type { Endpoint, MediaServerClient } from '../test/support/media-fsmrf.js';
import { cpuSeconds } from './proc.js';

/** What so many legs that are played to heard. */
export interface LegFigures {
  readonly legs: number;
  readonly seconds: number;
  /** Of these, legs that heard nothing. */
  readonly silentLegs: number;
  readonly packets: number;
  /** Sequence numbers that never came. */
  readonly missing: number;
  /** Packets more than 30 ms behind the one before them. */
  readonly late: number;
  /** Milliseconds between two packets of a leg. */
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
  /** Milliseconds a stream took longer (or shorter, below 0) than its timestamps say: the median leg, and the worst. */
  readonly driftMs: number | null;
  readonly worstDriftMs: number | null;
  /** Per cent of one core for 100 legs; undefined where the server's process cannot be looked at. */
  readonly cpuPer100Legs: number | undefined;
}

type Heard = Omit<LegFigures, 'legs' | 'seconds' | 'cpuPer100Legs'>;

/** The process with the far ends. */
class Listener {
  private readonly lines: AsyncIterator<string>;

  private constructor(private readonly child: ChildProcessWithoutNullStreams) {
    this.lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    child.stderr.pipe(process.stderr);
  }

  static async start(): Promise<Listener> {
    const listener = new Listener(
      spawn(process.execPath, [join(import.meta.dirname, 'media-listener.mjs')], { stdio: 'pipe' }),
    );
    await listener.lines.next();
    return listener;
  }

  async ask(command: string): Promise<unknown> {
    this.child.stdin.write(`${command}\n`);
    const next: IteratorResult<string, unknown> = await this.lines.next();
    if (next.done === true) throw new Error('the listening process ended');
    return JSON.parse(next.value);
  }

  /** Ends with its stdin. */
  stop(): void {
    this.child.stdin.end();
  }
}

/** Behind the start of the last stream, until all of them run evenly. */
const SETTLE_MS = 2000;
/** Calls being set up at a time. */
const AT_ONCE = 10;

async function connectLegs(ms: MediaServerClient, ports: readonly number[]): Promise<Endpoint[]> {
  const endpoints: Endpoint[] = [];
  for (let n = 0; n < ports.length; n += AT_ONCE) {
    const some = ports.slice(n, n + AT_ONCE).map((port) => sdp({ port, codecs: [0, 101] }));
    endpoints.push(...(await Promise.all(some.map((remoteSdp) => ms.createEndpoint({ remoteSdp })))));
  }
  return endpoints;
}

/** Plays a file without end to all legs and listens for a while. `pid` is the server's. */
export async function measureLegs(
  ms: MediaServerClient,
  pid: number | undefined,
  { legs, seconds, file }: { legs: number; seconds: number; file: string },
): Promise<LegFigures> {
  const listener = await Listener.start();
  let endpoints: Endpoint[] = [];
  try {
    const { ports } = (await listener.ask(`open ${legs}`)) as { ports: number[] };
    endpoints = await connectLegs(ms, ports);
    for (const endpoint of endpoints) endpoint.execute('endless_playback', file).catch(() => undefined);
    await sleep(SETTLE_MS);
    const before = pid === undefined ? undefined : cpuSeconds(pid);
    await listener.ask('start');
    await sleep(seconds * 1000);
    const heard = (await listener.ask('report')) as Heard;
    const after = pid === undefined ? undefined : cpuSeconds(pid);
    const cpu = before === undefined || after === undefined ? undefined : (after - before) / seconds;
    return { legs, seconds, ...heard, cpuPer100Legs: cpu === undefined ? undefined : (cpu * 10_000) / legs };
  } finally {
    await Promise.allSettled(endpoints.map((endpoint) => endpoint.destroy()));
    listener.stop();
  }
}
