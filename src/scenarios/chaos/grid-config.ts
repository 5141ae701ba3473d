import { EVENT_SECRET } from '../event-receiver.js';
import type { Cell } from './grid-schema.js';
import { hostPort, type Address } from './sip-message.js';

/** Credentials of every far end that asks for some. */
export const CREDENTIALS = { username: 'chaos', password: 'open sesame' } as const;

/** A cell with its far end's address: it is a trunk and a channel of its own, both under the cell's key. */
export interface Place {
  readonly key: string;
  readonly did: string;
  readonly cell: Cell;
  readonly carrier: Address;
}

export interface GridPlaces {
  readonly sip: Address;
  readonly apiPort: number;
  readonly eventsUrl: string;
  readonly bot: Address;
  readonly cells: readonly Place[];
}

/** Long enough for a lossy line to repeat what was lost three times over (0.5 + 1 + 2 + 4 s). */
const PATIENCE_MS = 8000;

/** One engine for all cells, so that they can be played side by side. */
export function gridConfig({
  sip,
  apiPort,
  eventsUrl,
  bot,
  cells,
}: GridPlaces): Readonly<Record<string, unknown>> {
  return {
    sip: { server: 'embedded', listen: [`udp:${hostPort(sip)}`] },
    media: { server: 'none' },
    store: 'memory',
    api: { listen: `127.0.0.1:${apiPort}` },
    trunks: Object.fromEntries(cells.map((place) => [place.key, trunkOf(place)])),
    channels: Object.fromEntries(
      cells.map(({ key, did }) => [
        key,
        {
          match: { trunk: key, did: [did] },
          trunk: key,
          bot: {
            kind: 'sip',
            uri: `sip:bot@${hostPort(bot)}`,
            events: { url: eventsUrl, dialect: 'native', secret: EVENT_SECRET },
          },
        },
      ]),
    ),
    policy: { allow: { hosts: cells.map(({ carrier }) => carrier.host) } },
    transfer: {
      ringTimeoutMs: 30_000,
      refer: {
        responseMs: 2 * PATIENCE_MS,
        firstNotifyMs: PATIENCE_MS,
        totalMs: 5 * PATIENCE_MS,
        departMs: PATIENCE_MS,
      },
    },
    drainMs: 1000,
  };
}

function trunkOf({ cell, carrier }: Place): Readonly<Record<string, unknown>> {
  const password = cell.wrongPassword ? 'close sesame' : CREDENTIALS.password;
  return {
    allow: [`${carrier.host}/32`],
    proxy: `sip:${hostPort(carrier)}`,
    auth: { username: CREDENTIALS.username, password },
    ...(cell.method === 'refer' ? { transfer: { refer: 'yes' } } : {}),
  };
}
