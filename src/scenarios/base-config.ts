import { EVENT_SECRET } from './event-receiver.js';
import { bracketed } from './sipp-party.js';

type Mapping = Readonly<Record<string, unknown>>;

/** A running drachtio-server, and where it listens for SIP over UDP and TCP. */
export interface DrachtioServer {
  readonly host: string;
  readonly port: number;
  readonly secret: string;
  readonly sip: { readonly address: string; readonly port: number };
}

/** Addresses the configuration is built around. */
export interface ConfigPlaces {
  readonly address: string;
  readonly sipPort: number;
  /** The drachtio-server that owns that port; `null`: the embedded one. */
  readonly server: DrachtioServer | null;
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
export function baseConfig(places: ConfigPlaces): Mapping {
  const { address, apiPort, eventsUrl, bot, target } = places;
  const host = bracketed(address);
  const nobody = `${host}:9`;
  return {
    sip: sipOf(places),
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

function sipOf({ address, sipPort, server }: ConfigPlaces): Mapping {
  const at = `${bracketed(address)}:${sipPort}`;
  if (server === null) return { server: 'embedded', listen: [`udp:${at}`, `tcp:${at}`] };
  const { host, port, secret } = server;
  return { server: { host, port, secret } };
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
