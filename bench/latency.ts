import { createSocket, type Socket } from 'node:dgram';
import { Agent, request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { hold, release, warmUp } from './held-calls.js';
import { answerTo } from './sip-answer.js';
import { startBot } from './sipp.js';
import { percentile } from './statistics.js';
import type { Subject } from './subject.js';
import type { Workspace } from './workspace.js';

/** No INVITE after this long is none. */
const LOST_MS = 3_000;
/** Calls, and then transfers, before the first that counts. */
const WARM_UP_CALLS = 200;
const WARM_UP = 20;
/** Live calls, transferred one after the other. */
const LIVE = 100;
/** A transfer at a time, with a moment for the one before to be over: latency, not load. */
const APART_MS = 10;

export interface Percentiles {
  readonly p50: number | undefined;
  readonly p95: number | undefined;
  readonly p99: number | undefined;
}

/** Milliseconds, of one transfer at a time on live calls. */
export interface Latency {
  readonly subject: string;
  readonly transfers: number;
  /** Transfers whose INVITE never came. */
  readonly lost: number;
  /** From sending the command to the INVITE arriving at the target's socket. */
  readonly invite: Percentiles;
  /** From sending the command to its 202. */
  readonly command: Percentiles;
  /** A request that does nothing (GET /healthz): what HTTP itself costs here. */
  readonly http: Percentiles;
}

/** Transfers live calls to a target of ours that is busy, and times the INVITEs it gets. */
export async function measureLatency(work: Workspace, subject: Subject, transfers: number): Promise<Latency> {
  const bot = await startBot(work);
  const running = await subject.start({ botPort: bot.port });
  try {
    if (running.api === undefined) throw new Error(`${subject.name} takes no commands`);
    await warmUp(work, running, WARM_UP_CALLS);
    const caller = await hold(work, running, LIVE);
    const samples = await transferAll(running.api, await work.port(), transfers);
    await release(caller);
    return {
      subject: subject.name,
      transfers,
      lost: samples.filter(({ invite }) => invite === undefined).length,
      invite: percentiles(samples.flatMap(({ invite }) => invite ?? [])),
      command: percentiles(samples.map(({ command }) => command)),
      http: percentiles(samples.map(({ http }) => http)),
    };
  } finally {
    await running.stop();
    await bot.child.kill();
  }
}

async function transferAll(api: string, port: number, transfers: number): Promise<Sample[]> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const target = await Target.bind(port);
  try {
    const calls = await liveCalls(api, agent);
    const samples: Sample[] = [];
    for (let n = 0; n < WARM_UP + transfers; n += 1) {
      const call = calls[n % calls.length];
      if (call === undefined) throw new Error('there is no live call to transfer');
      const sample = await transfer(api, agent, target, call, n);
      if (n >= WARM_UP) samples.push(sample);
      await sleep(APART_MS);
    }
    return samples;
  } finally {
    agent.destroy();
    target.close();
  }
}

interface Sample {
  readonly invite: number | undefined;
  readonly command: number;
  readonly http: number;
}

async function transfer(api: string, agent: Agent, target: Target, call: string, n: number): Promise<Sample> {
  const before = performance.now();
  await exchange(agent, 'GET', `${api}/healthz`);
  const http = performance.now() - before;
  const user = `t${n}`;
  const arrived = target.expect(user);
  const body = JSON.stringify({ target: { sipUri: `sip:${user}@127.0.0.1:${target.port}` } });
  const sent = performance.now();
  const { status, text } = await exchange(agent, 'POST', `${api}/v1/calls/${call}/transfers`, body);
  const command = performance.now() - sent;
  if (status !== 202) throw new Error(`a transfer was refused: ${status} ${text}`);
  const at = await arrived;
  return { invite: at === undefined ? undefined : at - sent, command, http };
}

async function liveCalls(api: string, agent: Agent): Promise<string[]> {
  const { text } = await exchange(agent, 'GET', `${api}/v1/calls`);
  const { items } = JSON.parse(text) as { items: { callId: string }[] };
  return items.map(({ callId }) => callId);
}

interface Answer {
  readonly status: number;
  readonly text: string;
}

/** Over one connection that stays open, as a bot would. */
function exchange(agent: Agent, method: string, url: string, body = ''): Promise<Answer> {
  const headers =
    body === '' ? {} : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
  return new Promise((resolve, reject) => {
    const sending = request(url, { method, agent, headers }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.once('error', reject);
      response.once('end', () =>
        resolve({ status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString() }),
      );
    });
    sending.once('error', reject);
    sending.end(body);
  });
}

/** A phone that is always busy, and knows to the microsecond when each INVITE came. */
class Target {
  private readonly waiting = new Map<string, (at: number | undefined) => void>();

  private constructor(
    private readonly socket: Socket,
    readonly port: number,
  ) {
    socket.on('message', (datagram, { port: from, address }) => {
      const at = performance.now();
      const text = datagram.toString('latin1');
      const user = /^INVITE sip:([^@]+)@/.exec(text)?.[1];
      if (user === undefined) return;
      this.settle(user, at);
      socket.send(answerTo(text, '486 Busy Here'), from, address);
    });
  }

  static bind(port: number): Promise<Target> {
    const socket = createSocket('udp4');
    return new Promise((resolve, reject) => {
      socket.once('error', reject);
      socket.bind(port, '127.0.0.1', () => resolve(new Target(socket, port)));
    });
  }

  /** When the first INVITE for this user arrives; undefined when none does. */
  expect(user: string): Promise<number | undefined> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => this.settle(user, undefined), LOST_MS);
      this.waiting.set(user, (at) => {
        clearTimeout(timer);
        resolve(at);
      });
    });
  }

  close(): void {
    this.socket.close();
  }

  private settle(user: string, at: number | undefined): void {
    this.waiting.get(user)?.(at);
    this.waiting.delete(user);
  }
}

const percentiles = (values: readonly number[]): Percentiles => ({
  p50: percentile(values, 50),
  p95: percentile(values, 95),
  p99: percentile(values, 99),
});
