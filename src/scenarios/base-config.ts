import { EVENT_SECRET } from './event-receiver.js';
import { bracketed } from './sipp-party.js';

type Mapping = Readonly<Record<string, unknown>>;

/** Addresses the configuration is built around. */
export interface ConfigPlaces {
  readonly address: string;
  readonly sipPort: number;
  readonly apiPort: number;
  readonly eventsUrl: string;
  /** `host:port` of the parties named bot and target, when the scenario has them. */
  readonly bot: string | undefined;
  readonly target: string | undefined;
}

/**
 * The engine every scenario starts from: one trunk `carrier`, one channel `support-line` whose bot is the party
 * `bot`, phone numbers going to the party `target`.
 */
export function baseConfig({ address, sipPort, apiPort, eventsUrl, bot, target }: ConfigPlaces): Mapping {
  const host = bracketed(address);
  const nobody = `${host}:9`;
  return {
    sip: { server: 'embedded', listen: [`udp:${host}:${sipPort}`, `tcp:${host}:${sipPort}`] },
    media: { server: 'none' },
    store: 'memory',
    api: { listen: `127.0.0.1:${apiPort}` },
    trunks: {
      carrier: {
        allow: [address.includes(':') ? `${address}/128` : `${address}/32`],
        proxy: `sip:${target ?? nobody}`,
      },
    },
    channels: {
      'support-line': {
        match: { trunk: 'carrier', did: ['1800*'] },
        trunk: 'carrier',
        bot: {
          kind: 'sip',
          uri: `sip:bot@${bot ?? nobody}`,
          events: { url: eventsUrl, dialect: 'native', secret: EVENT_SECRET },
        },
      },
    },
    policy: { allow: { hosts: [host] } },
    drainMs: 1000,
  };
}

/** Mappings are merged key by key; anything else in `over` replaces what was there. */
export function overlay(under: Mapping, over: Mapping): Mapping {
  const merged: Record<string, unknown> = { ...under };
  for (const [key, value] of Object.entries(over)) {
    const below = merged[key];
    merged[key] = isMapping(below) && isMapping(value) ? overlay(below, value) : value;
  }
  return merged;
}

const isMapping = (value: unknown): value is Mapping =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
