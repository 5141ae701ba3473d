import { ConfigError, type ConfigSource, loadConfig } from '../config/load-config.js';
import type { Config } from '../config/schema.js';
import { parseHostPort } from '../sip/host-port.js';
import { type ListenAddress, parseListenAddress } from '../sip/listen-address.js';
import { apiRequest } from './api-request.js';
import { oneLine, type ClientIo, type ExitCode } from './io.js';

/** What the doctor finds out about the machine; `port-free.ts` in the binary. */
export interface Probes {
  readonly whyNotFree: (address: ListenAddress) => Promise<string | undefined>;
  readonly whyNotReachable: (host: string, port: number, timeoutMs: number) => Promise<string | undefined>;
}

interface Finding {
  readonly ok: boolean;
  readonly line: string;
}

const good = (line: string): Finding => ({ ok: true, line });
const bad = (line: string): Finding => ({ ok: false, line });

/** How long a server may take to accept a connection before it counts as not there. */
const REACH_MS = 3000;

/** `switchhook doctor`: one line per thing looked at; exit 1 when the engine neither runs nor could start, or a trunk is down. */
export async function runDoctor(source: ConfigSource, io: ClientIo, probes: Probes): Promise<ExitCode> {
  const findings: Finding[] = [];
  try {
    const config = loadConfig(source);
    const { trunks, channels } = config;
    const counted = `${Object.keys(trunks).length} trunk(s), ${Object.keys(channels).length} channel(s)`;
    findings.push(good(`configuration ${source.file}: ${counted}`), ...(await examine(config, io, probes)));
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    findings.push(...error.lines.map(bad));
  }
  for (const { ok, line } of findings) io.stdout.write(`${ok ? 'ok ' : 'bad'} ${line}\n`);
  return findings.every(({ ok }) => ok) ? 0 : 1;
}

/** A running engine holds its own ports, so they are only looked at when the API does not answer. */
async function examine(config: Config, io: ClientIo, probes: Probes): Promise<readonly Finding[]> {
  const running = await runningEngine(config, io);
  if (running !== undefined) return running;
  const { host, port } = parseHostPort(config.api.listen) ?? { host: '', port: null };
  return [
    ...(await signalling(config, probes)),
    ...(await media(config, probes)),
    await free(`api ${config.api.listen}`, 'api.listen', { transport: 'tcp', host, port: port ?? 0 }, probes),
  ];
}

async function runningEngine(config: Config, io: ClientIo): Promise<readonly Finding[] | undefined> {
  const api = `http://${config.api.listen}`;
  const request = { path: '/readyz' };
  const answer = await apiRequest(io, { api, token: config.api.tokens[0] ?? null }, request);
  if (answer.ok)
    return [
      good(`an engine runs at ${api} and is ready`),
      ...trunks(await answer.response.json().catch(() => null)),
    ];
  return answer.line.startsWith('503')
    ? [bad(`an engine runs at ${api} and is not ready; see ${api}/readyz`)]
    : undefined;
}

/** A finding for each trunk the engine watches, from the body of `/readyz`. */
function trunks(body: unknown): readonly Finding[] {
  const words = record(record(body)['dependencies']);
  const details = record(record(body)['details']);
  return Object.entries(words).flatMap(([name, word]) => {
    if (!name.startsWith('trunk:')) return [];
    const trunk = `trunk ${name.slice('trunk:'.length)}`;
    const detail = details[name];
    const said = typeof detail === 'string' ? oneLine(detail) : String(word);
    return word === 'down' ? bad(`${trunk}: ${said}`) : good(`${trunk}: ${said}`);
  });
}

const record = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {};

async function signalling({ sip }: Config, probes: Probes): Promise<readonly Finding[]> {
  if (sip.server !== 'embedded') {
    const { host, port } = sip.server;
    return [await reached('drachtio-server', host, port, probes)];
  }
  const addresses = sip.listen.flatMap((text) => parseListenAddress(text) ?? []);
  return Promise.all(
    addresses.map((a) => free(`sip ${a.transport}:${a.host}:${a.port}`, 'sip.listen', a, probes)),
  );
}

/** FreeSWITCH servers, where a channel needs one; the embedded one takes free ports by itself. */
async function media({ media: { server }, channels }: Config, probes: Probes): Promise<readonly Finding[]> {
  const needed = Object.values(channels).some((channel) => channel.media === 'anchored');
  if (!needed || typeof server === 'string') return [];
  return Promise.all(server.map(({ address, port }) => reached('FreeSWITCH', address, port, probes)));
}

async function reached(what: string, host: string, port: number, probes: Probes): Promise<Finding> {
  const why = await probes.whyNotReachable(host, port, REACH_MS);
  const at = `${what} ${host}:${port}`;
  return why === undefined
    ? good(`${at} accepts connections`)
    : bad(`${at} cannot be reached (${why}); is it running?`);
}

async function free(what: string, key: string, address: ListenAddress, probes: Probes): Promise<Finding> {
  const why = await probes.whyNotFree(address);
  if (why === undefined) return good(`${what} is free`);
  const meaning = why === 'EADDRINUSE' ? 'is taken by another program' : `cannot be listened on (${why})`;
  return bad(`${what} ${meaning}; stop that program, or change ${key}`);
}
