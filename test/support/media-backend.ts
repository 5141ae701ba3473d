import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  DEFAULTS,
  startMediaServer,
  type MediaServer,
  type MediaServerOptions,
} from '../../src/embedded/media-server/server.js';
import { until } from './poll.js';

/** Where applications connect to a media server. */
export interface MediaAddress {
  readonly address: string;
  readonly port: number;
  readonly secret: string;
  readonly profile: string;
}

/** A media server, embedded or FreeSWITCH, ready to be used. */
export interface MediaBackend {
  readonly real: boolean;
  readonly esl: MediaAddress;
  /** A directory both the tests and the server can use by its full name. */
  readonly directory: string;
  /** The embedded server; null when it is a real one. */
  readonly server: MediaServer | null;
  /** Waits until nothing is left of the calls. No-op on a real one. */
  idle(): Promise<void>;
  close(): Promise<void>;
}

/** `host:port:secret` of a FreeSWITCH on this machine, when the suite shall run against one too. */
const given = /^(.+):(\d+):([^:]+)$/.exec(process.env['SWITCHHOOK_TEST_FREESWITCH'] ?? '');

export const realMediaGiven = given !== null;

export async function startEmbeddedMedia(options: Partial<MediaServerOptions> = {}): Promise<MediaBackend> {
  const directory = mkdtempSync(join(tmpdir(), 'switchhook-media-'));
  const secret = 'contract';
  const server = await startMediaServer({
    ...DEFAULTS,
    sip: { host: '127.0.0.1', port: 0 },
    sip6: { host: '::1', port: 0 },
    esl: { host: '127.0.0.1', port: 0 },
    sounds: directory,
    recordings: directory,
    ...options,
    secret,
  });
  return {
    real: false,
    esl: { address: server.esl.host, port: server.esl.port, secret, profile: DEFAULTS.profile },
    directory,
    server,
    idle: () => idle(server),
    close: async () => {
      await server.close();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

async function idle(server: MediaServer): Promise<void> {
  const left = (): Record<string, number> => {
    const { channels, dialogs, conferences } = server.stats();
    return { channels, dialogs, conferences };
  };
  const empty = (): boolean => Object.values(left()).every((n) => n === 0);
  await until(empty, () => `nothing left over in the media server; left: ${JSON.stringify(left())}`, 6000);
}

export function attachRealMedia(): MediaBackend {
  if (given === null) throw new Error('real FreeSWITCH: not given');
  const [, address = '', port = '', secret = ''] = given;
  const directory = mkdtempSync(join(tmpdir(), 'switchhook-media-'));
  const profile = process.env['SWITCHHOOK_TEST_FREESWITCH_PROFILE'] ?? DEFAULTS.profile;
  return {
    real: true,
    esl: { address, port: Number(port), secret, profile },
    directory,
    server: null,
    idle: () => Promise.resolve(),
    close: () => {
      rmSync(directory, { recursive: true, force: true });
      return Promise.resolve();
    },
  };
}
