import { spawnSync } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Child } from './child.js';
import { udpPortBound } from './proc.js';
import { parseSippStats, type SippStats } from './sipp-stats.js';
import type { Workspace } from './workspace.js';

const HOST = '127.0.0.1';
/** What SIPp asks its sockets to hold; the system may allow less. */
const BUFFER_BYTES = 8 * 1024 * 1024;
const BOUND_MS = 10_000;
/** How often SIPp writes down where it is. */
const STATS_EVERY = '200ms';

export function sippMissing(): string | undefined {
  // -v answers 99: only whether there is a program counts.
  return spawnSync('sipp', ['-v'], { stdio: 'ignore' }).error === undefined
    ? undefined
    : 'sipp is missing: install it with "apt-get install sip-tester" (Debian/Ubuntu), then run again';
}

const xml = (name: string): string => join(import.meta.dirname, 'sipp', name);

function common(file: string, port: number): string[] {
  return [
    ...['-sf', file, '-i', HOST, '-ci', HOST, '-p', String(port), '-t', 'u1', '-nostdin'],
    // An address for the session descriptions; nothing listens there and nothing is sent.
    ...['-key', 'media', '40000', '-deadcall_wait', '0', '-buff_size', String(BUFFER_BYTES)],
  ];
}

/** The bot of a run: answers every call on its port. */
export async function startBot(work: Workspace): Promise<{ readonly port: number; readonly child: Child }> {
  const port = await work.port();
  const child = new Child('sipp', common(xml('bot.xml'), port), {
    cwd: work.directory,
    log: work.file('bot.log'),
  });
  const until = Date.now() + BOUND_MS;
  while (!udpPortBound(port)) {
    if (child.ended || Date.now() > until) throw new Error(`the bot did not start: ${child.said()}`);
    await sleep(20);
  }
  return { port, child };
}

export interface CallerOptions {
  /** Where the calls go. */
  readonly sipPort: number;
  readonly rate: number;
  readonly calls: number;
  /** How long each call stays: milliseconds, or until {@link Caller.hangUp}. */
  readonly stay: number | 'held';
}

/** The callers of a run: one SIPp process that begins calls at a rate. */
export class Caller {
  private constructor(
    readonly child: Child,
    private readonly port: number,
    private readonly calls: number,
    private readonly statsFile: string,
  ) {}

  static async start(work: Workspace, { sipPort, rate, calls, stay }: CallerOptions): Promise<Caller> {
    const port = await work.port();
    const stats = work.file('caller.csv');
    const args = [
      ...[`${HOST}:${sipPort}`, '-s', DIALLED],
      ...common(stay === 'held' ? heldCaller(work) : xml('caller.xml'), port),
      // SIPp's own limit of calls at a time (three times rate x duration) would turn overload into a lower rate.
      ...['-r', String(rate), '-m', String(calls), '-l', String(calls), '-cid_str', `%u-${port}@bench`],
      ...(stay === 'held' ? [] : ['-d', String(stay)]),
      ...['-trace_stat', '-stf', stats, '-fd', STATS_EVERY],
    ];
    const child = new Child('sipp', args, { cwd: work.directory, log: work.file('caller.log') });
    return new Caller(child, port, calls, stats);
  }

  stats(): SippStats {
    return parseSippStats(
      existsSync(this.statsFile) ? readFileSync(this.statsFile, 'latin1') : '',
      this.calls,
    );
  }

  /** True when it ended by itself in time; it is over in any case. */
  async end(withinMs: number): Promise<boolean> {
    const late = new AbortController();
    const inTime = await Promise.race([
      this.child.exited.then(() => true),
      sleep(withinMs, false, { signal: late.signal }).catch(() => false),
    ]);
    late.abort();
    if (!inTime) await this.child.kill();
    return inTime;
  }

  /** Tells every held call to end, so many a second: a request of a method of ours for which the scenario waits. */
  async hangUp(rate: number): Promise<void> {
    const socket = createSocket('udp4');
    for (let call = 1; call <= this.calls && !this.child.ended; call += 1) {
      socket.send(cue(`${call}-${this.port}@bench`), this.port, HOST);
      if (call % Math.ceil(rate / 50) === 0) await sleep(20);
    }
    await sleep(20);
    socket.close();
  }
}

/** What the callers dial: a number the channel of the engine takes. */
const DIALLED = '18005550100';

/** The caller whose call stays until it is told to end: the same messages, one wait instead of the pause. */
function heldCaller(work: Workspace): string {
  const file = work.file('held-caller.xml');
  writeFileSync(
    file,
    readFileSync(xml('caller.xml'), 'utf8').replace('<pause/>', '<recv request="HANGUP"/>'),
  );
  return file;
}

const cue = (callId: string): string =>
  [
    'HANGUP sip:cue SIP/2.0',
    'Via: SIP/2.0/UDP 127.0.0.1:9;branch=z9hG4bKcue',
    'From: <sip:cue@invalid>;tag=cue',
    'To: <sip:cue@invalid>',
    `Call-ID: ${callId}`,
    'CSeq: 1 HANGUP',
    'Content-Length: 0',
    '',
    '',
  ].join('\r\n');
