import type { Config } from '../../config/schema.js';
import { sipServers } from '../../config/sip-servers.js';
import { bad, good, type Finding } from '../../ports/finding.js';
import { parseHostPort } from '../../sip/host-port.js';
import { parseListenAddress, type ListenAddress } from '../../sip/listen-address.js';
import type { Probes } from './probes.js';

/** The servers a configuration names: every one is asked, and what is embedded needs none. */
export async function checkServers(config: Config, probes: Probes): Promise<readonly Finding[]> {
  const { sip, media, store } = config;
  const asked: Promise<Finding | readonly Finding[]>[] = [];
  asked.push(...sipServers(sip).map((server) => probes.sipServer(server)));
  if (Array.isArray(media.server) && needsMedia(config))
    asked.push(...media.server.map((server) => probes.mediaServer(server)));
  if (store !== 'memory') asked.push(probes.store(store));
  return (await Promise.all(asked)).flat();
}

/** Media servers are only asked for anything where a channel is anchored. */
export const needsMedia = ({ channels }: Config): boolean =>
  Object.values(channels).some(({ media }) => media === 'anchored');

/** Where the engine would listen. */
export async function checkPorts({ sip, api }: Config, probes: Probes): Promise<readonly Finding[]> {
  const own = sip.server === 'embedded' ? sip.listen.flatMap((text) => parseListenAddress(text) ?? []) : [];
  const { host, port } = parseHostPort(api.listen) ?? { host: '', port: null };
  const forApi: ListenAddress = { transport: 'tcp', host, port: port ?? 0 };
  return Promise.all([
    ...own.map((a) => free(`sip ${a.transport}:${a.host}:${a.port}`, 'sip.listen', a, probes)),
    free(`api ${api.listen}`, 'api.listen', forApi, probes),
  ]);
}

async function free(about: string, key: string, address: ListenAddress, probes: Probes): Promise<Finding> {
  const why = await probes.whyNotFree(address);
  if (why === undefined) return good(about, 'is free');
  if (why === 'EADDRINUSE')
    return bad(about, 'is taken by another program', `stop that program, or change ${key}`);
  const todo = why === 'EACCES' ? `take a port above 1023 in ${key}` : `change ${key}`;
  return bad(about, `cannot be listened on (${why})`, todo);
}
