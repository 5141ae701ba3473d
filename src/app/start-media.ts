import { lookup } from 'node:dns/promises';
import { isIPv4 } from 'node:net';
import { networkInterfaces } from 'node:os';
import { createFreeswitchMedia } from '../adapters/freeswitch/freeswitch-media.js';
import type { BackConnections, FreeswitchServer, SipServer } from '../adapters/freeswitch/options.js';
import type { Config } from '../config/schema.js';
import type { Clock } from '../ports/clock.js';
import type { Log } from '../ports/log.js';
import type { Media } from '../ports/media.js';
import type { Metrics } from '../ports/metrics.js';
import { hostPort } from './host-port.js';
import { startMediaServerProcess } from './media-server-process.js';
import type { Shutdown } from './shutdown.js';

export interface MediaParts {
  /** The first that can be reached carries the calls to the media servers. */
  readonly sip: readonly [SipServer, ...SipServer[]];
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Pick<Metrics, 'dependencyChanged'>;
}

export interface StartedMedia {
  readonly media: Media;
  /** `embedded`, or `host:port` of the servers: for the ready line. */
  readonly server: string;
}

/** Media for channels that need it; `null` where none does. Stopped by `shutdown`. */
export async function startMedia(
  config: Config,
  parts: MediaParts,
  shutdown: Shutdown,
): Promise<StartedMedia | null> {
  const { server } = config.media;
  const needed = Object.values(config.channels).some(({ media }) => media === 'anchored');
  if (server === 'none' || !needed) return null;
  const servers = server === 'embedded' ? await embedded(config, parts, shutdown) : listed(server);
  const media = createFreeswitchMedia({ ...parts, servers, listen: backConnections(config.media) });
  shutdown.add(() => media.stop());
  return { media, server: (await media.start()).server };
}

type Servers = readonly [FreeswitchServer, ...FreeswitchServer[]];

async function embedded(config: Config, { sip, log }: MediaParts, shutdown: Shutdown): Promise<Servers> {
  const process = await startMediaServerProcess({
    host: mediaHost(config),
    advertise: config.media.advertise ?? null,
    rtpPorts: config.media.rtpPorts,
    allow: await callersOf(config, sip),
    log,
  });
  shutdown.add(() => process.stop());
  const { host, port, secret, profile } = process;
  return [{ name: 'embedded', address: host, port, secret, profile }];
}

const listed = (servers: Exclude<Config['media']['server'], string>): Servers => {
  const [first, ...rest] = servers.map((server) => ({
    ...server,
    name: `${server.address}:${server.port}`,
    secret: server.secret ?? '',
  }));
  if (first === undefined) throw new Error('the schema wants at least one media server');
  return [first, ...rest];
};

function backConnections({ listen, advertise, server }: Config['media']): BackConnections {
  const { host, port } = hostPort(listen);
  const told = server === 'embedded' || advertise === undefined ? {} : { advertise };
  return { address: host, port, ...told };
}

const WILDCARD = '0.0.0.0';

/** Phones reach the media where they reach the signalling, unless the configuration says otherwise. */
function mediaHost({ media, sip }: Config): string {
  if (media.host !== undefined) return media.host;
  if (sip.server !== 'embedded') return '127.0.0.1';
  const hosts = sip.listen.map((entry) => hostPort(entry.slice(entry.indexOf(':') + 1)).host);
  const first = hosts.find((host) => isIPv4(host)) ?? '127.0.0.1';
  return first === WILDCARD && media.advertise === undefined ? ownAddress() : first;
}

/** The first address of this machine others can reach. */
function ownAddress(): string {
  const all = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []);
  return all.find(({ family, internal }) => family === 'IPv4' && !internal)?.address ?? '127.0.0.1';
}

/** An INVITE makes the media server connect to whom it names, so it takes them from the SIP servers' machines only. */
async function callersOf({ sip: { server } }: Config, sip: readonly SipServer[]): Promise<string[]> {
  const own = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []);
  const here = [
    '127.0.0.0/8',
    ...own.filter(({ family }) => family === 'IPv4').map(({ address }) => address),
  ];
  if (server === 'embedded') return here;
  const found = sip.map(({ host }) => lookup(host, { all: true, family: 4 }).catch(() => []));
  const remote = (await Promise.all(found)).flat();
  return [...new Set([...here, ...remote.map(({ address }) => address)])];
}
