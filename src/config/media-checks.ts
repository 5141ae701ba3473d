import type { Path, Problem } from '../shape/path.js';
import { parseHostPort } from '../sip/host-port.js';
import { isLoopback, parseIpv4 } from '../sip/ip-address.js';
import type { Config } from './schema.js';

type MediaConfig = Config['media'];
type Listed = Exclude<MediaConfig['server'], string>;

/** The secret FreeSWITCH comes with (security list S-8): its event socket can run any command. */
const WELL_KNOWN = 'ClueCon';
const WILDCARDS: readonly string[] = ['0.0.0.0', '::'];

/** Media servers: who they are, and whether they find the way back to us. */
export function mediaProblems({ media }: Config): Problem[] {
  const { server, host, rtpPorts } = media;
  if (Array.isArray(server)) return [...serverProblems(server), ...wayBack(media, server)];
  const problems: Problem[] = [];
  if (host !== undefined && parseIpv4(host) === undefined)
    problems.push({ path: ['media', 'host'], message: 'is no IPv4 address; drachtio-fsmrf knows no other' });
  if (rtpPorts.from >= rtpPorts.to)
    problems.push({ path: ['media', 'rtpPorts', 'to'], message: `must be above from (${rtpPorts.from})` });
  return problems;
}

function serverProblems(servers: Listed): Problem[] {
  const seen = new Set<string>();
  return servers.flatMap(({ address, port, secret }, n) => {
    const at: Path = ['media', 'server', n];
    const problems: Problem[] = [];
    if (secret === undefined)
      problems.push({ path: [...at, 'secret'], message: 'is missing; give secret or secretFile' });
    else if (secret === WELL_KNOWN && !isLoopback(address)) {
      const message = 'is the secret every installation starts with; set one of your own';
      problems.push({ path: [...at, 'secret'], message });
    }
    const name = `${address}:${port}`;
    if (seen.has(name)) problems.push({ path: [...at, 'address'], message: `${name} is listed twice` });
    seen.add(name);
    return problems;
  });
}

function wayBack({ listen, advertise }: MediaConfig, servers: Listed): Problem[] {
  const host = parseHostPort(listen)?.host ?? '';
  const elsewhere = servers.find(({ address }) => !isLoopback(address));
  if (elsewhere !== undefined && isLoopback(host)) {
    const message = `${elsewhere.address} cannot connect back to ${host}; write an address of this machine that it reaches`;
    return [{ path: ['media', 'listen'], message }];
  }
  if (!WILDCARDS.includes(host) || advertise !== undefined) return [];
  const message = `${host} is no address to connect back to; write media.advertise beside it`;
  return [{ path: ['media', 'listen'], message }];
}
