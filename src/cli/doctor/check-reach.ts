import type { ChannelConfig, Config } from '../../config/schema.js';
import { sipServers } from '../../config/sip-servers.js';
import { bad, good, warn, type Finding } from '../../ports/finding.js';
import { parseSipUri } from '../../sip/sip-uri.js';
import type { Probes, WebAnswer } from './probes.js';

/** What the engine calls, by HTTP and by name: bots, the speech service, trunks. Each address is asked once. */
export async function checkReach(config: Config, probes: Probes): Promise<readonly Finding[]> {
  return Promise.all([
    ...webPlaces(config).map(async ([url, of]) => webFinding(url, of, await probes.web(url))),
    ...sipHosts(config).map(([host, of]) => named(host, of, probes)),
  ]);
}

/** URL -> what it is for, with the key to change. */
function webPlaces({ channels, sounds }: Config): readonly [string, string][] {
  const bots = Object.entries(channels).flatMap(([id, channel]) =>
    urlsOf(channel).map((url): [string, string] => [url, `bot of channels.${id}`]),
  );
  const { speech } = sounds;
  const speaks = typeof speech === 'object' && speech.kind === 'http' ? [speech.url] : [];
  return [...new Map([...bots, ...speaks.map((url): [string, string] => [url, 'sounds.speech'])])];
}

function urlsOf({ bot, events }: ChannelConfig): readonly string[] {
  const told = bot?.kind === 'sip' ? bot.events : events;
  return [bot?.kind === 'webhook' ? bot.url : undefined, told?.url].flatMap((url) => url ?? []);
}

/** The engine only ever POSTs: that a HEAD is refused says that somebody is there. */
function webFinding(url: string, of: string, answer: WebAnswer): Finding {
  const about = `${of} ${withoutSecrets(url)}`;
  switch (answer.kind) {
    case 'answered': {
      const { status } = answer;
      if (status === 410) return bad(about, 'answers 410: it wants no events any more', 'change its url');
      if (status >= 500)
        return warn(about, `answers ${status} to HEAD`, 'look into its log; POST may fail as well');
      return good(about, `is there (${status} to HEAD)`);
    }
    case 'untrusted':
      return bad(
        about,
        `has a certificate that is not trusted (${answer.why})`,
        'renew it, or name its authority in NODE_EXTRA_CA_CERTS',
      );
    case 'silent':
      return bad(about, `does not answer (${answer.why})`, 'is it overloaded, or a firewall in between?');
    case 'unreachable':
      return bad(about, `cannot be reached (${answer.why})`, 'is it running? Check its url');
  }
}

/** Keys are often handed over in a query. */
function withoutSecrets(url: string): string {
  const { protocol, host, pathname } = new URL(url);
  return `${protocol}//${host}${pathname}`;
}

/** Host -> the key that names it. */
function sipHosts({ trunks, channels, sip }: Config): readonly [string, string][] {
  const proxies = Object.entries(trunks).map(([name, { proxy }]): [string | undefined, string] => [
    proxy,
    `trunks.${name}.proxy`,
  ]);
  const bots = Object.entries(channels).map(([id, { bot }]): [string | undefined, string] => [
    bot?.kind === 'sip' ? bot.uri : undefined,
    `channels.${id}.bot.uri`,
  ]);
  const hosts = [...proxies, ...bots].flatMap(([uri, of]): [string, string][] => {
    const host = uri === undefined ? undefined : parseSipUri(uri)?.host;
    return host === undefined ? [] : [[host, of]];
  });
  const unique = new Map(hosts.reverse());
  for (const { host } of sipServers(sip)) unique.delete(host);
  return [...unique].reverse().filter(([host]) => !isAddress(host));
}

const isAddress = (host: string): boolean => host.startsWith('[') || /^[\d.]+$/.test(host);

async function named(host: string, of: string, probes: Probes): Promise<Finding> {
  const why = await probes.whyNoAddress(host);
  return why === undefined
    ? good(`${of} ${host}`, 'has an address')
    : bad(`${of} ${host}`, `has no address (${why})`, `check the name in ${of}, and the DNS of this machine`);
}
