import { hostPortOf } from '../domain/sound-settings.js';
import { parseHostPort } from '../sip/host-port.js';
import type { Config } from './schema.js';

/** `host:port` audio may be fetched from: what `sounds.allowHosts` says, else where the bots themselves are. */
export function allowedHosts({ sounds, channels }: Config): readonly string[] {
  if (sounds.allowHosts !== undefined) return sounds.allowHosts.flatMap(hostPorts);
  const urls = Object.values(channels).flatMap(({ bot, events }) => {
    const sink = bot?.kind === 'webhook' ? bot : (bot?.events ?? events);
    return sink === undefined ? [] : [sink.url];
  });
  return [...new Set(urls.map(hostPortOf))];
}

function hostPorts(text: string): readonly string[] {
  const at = parseHostPort(text);
  if (at === undefined) return [];
  return at.port === null ? [`${at.host}:80`, `${at.host}:443`] : [`${at.host}:${at.port}`];
}
