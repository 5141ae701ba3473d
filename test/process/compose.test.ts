import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { loadConfig } from '../../src/config/load-config.js';
import type { Config } from '../../src/config/schema.js';

const root = resolve(import.meta.dirname, '../..');
const text = (file: string): string => readFileSync(join(root, file), 'utf8');

interface Service {
  readonly image?: string;
  readonly command?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly secrets?: readonly string[];
  readonly volumes?: readonly {
    readonly source: string;
    readonly target: string;
    readonly read_only?: boolean;
  }[];
}

interface Compose {
  readonly services: Readonly<Record<'drachtio' | 'freeswitch' | 'switchhook' | 'redis', Service>>;
  readonly secrets: Readonly<Record<string, { readonly environment: string }>>;
  readonly volumes: object;
}

const compose = parse(text('docker-compose.yml')) as Compose;
const { drachtio, freeswitch, redis, switchhook } = compose.services;

/** What follows an option on a command line. */
const option = ({ command = [] }: Service, name: string): string | undefined =>
  command[command.indexOf(name) + 1];

/** Name of the shared volume a directory lies on, in a service. */
const volumeOf = ({ volumes = [] }: Service, dir: string): string | undefined =>
  volumes.find(({ target }) => target === dir)?.source;

/** config/production.yaml in the container of the engine. */
function production(): Config {
  const whsec = `whsec_${Buffer.alloc(32).toString('base64')}`;
  const env: Record<string, string> = {};
  for (const [name, value] of Object.entries(switchhook.environment ?? {}))
    env[name] = value.startsWith('${CARRIER') ? '192.0.2.10' : value;
  const readFile = (path: string): string => {
    if (path === 'config/production.yaml') return text(path);
    const name = path.replace('/run/secrets/', '');
    if (!path.startsWith('/run/secrets/') || !(switchhook.secrets ?? []).includes(name))
      throw Object.assign(new Error(path), { code: 'ENOENT' });
    return name === 'bot' ? whsec : 'a-secret-of-our-own';
  };
  // The image has espeak-ng, and the sound files where the volume is mounted.
  const machine = {
    runs: (program: string) => program === 'espeak-ng',
    unplayable: (path: string) =>
      path === '/srv/switchhook/sounds/moh.wav' ? undefined : 'cannot be read: no such file',
  };
  return loadConfig({ file: 'config/production.yaml', env, readFile, machine });
}

describe('docker-compose.yml and config/production.yaml', () => {
  it('the configuration loads with what the engine is given there', () => {
    const { channels, sip, media, store } = production();
    expect(Object.keys(channels)).toEqual(['support-line', 'ivr-line']);
    expect(sip.server).toMatchObject({ port: Number(option(drachtio, '--port')) });
    // No port of its own: Redis's usual one.
    expect(store).toBe('redis://127.0.0.1:6379/0');
    expect(redis.command).toEqual(expect.arrayContaining(['--bind', '127.0.0.1']));
    expect(redis.command).not.toContain('--port');
    expect(media.server).toMatchObject([{ port: Number(option(freeswitch, '--event-socket-port')) }]);
  });

  it('engine and FreeSWITCH share sounds and recordings, under the names the configuration gives', () => {
    const { sounds, channels } = production();
    const dir = channels['ivr-line']?.recording?.dir ?? '';
    expect(volumeOf(switchhook, sounds.dir)).toBe('sounds');
    expect(volumeOf(freeswitch, sounds.mediaDir ?? '')).toBe('sounds');
    expect([volumeOf(switchhook, dir), volumeOf(freeswitch, dir)]).toEqual(['recordings', 'recordings']);
    expect(text('Dockerfile')).toContain(`mkdir -p ${sounds.dir} ${dir} `);
  });

  it('every secret and volume that is used is declared, and the SIP server has the engine’s secret', () => {
    expect(Object.keys(compose.secrets)).toEqual(switchhook.secrets);
    const used = Object.values(compose.services).flatMap(({ volumes = [] }) =>
      volumes.map(({ source }) => source),
    );
    expect(Object.keys(compose.volumes).sort()).toEqual([...new Set(used)].sort());
    expect(Object.keys(drachtio.environment ?? {})).toContain(compose.secrets['drachtio']?.environment);
    expect(option(freeswitch, '--password')).toContain(compose.secrets['freeswitch']?.environment);
  });

  it('the RTP range is the one the firewall is told of', () => {
    const range = `${option(freeswitch, '--rtp-range-start')}-${option(freeswitch, '--rtp-range-end')}`;
    expect(text('docker-compose.yml')).toContain(`UDP ${range} (RTP)`);
    expect(text('docs/media.md')).toContain(range);
  });
});
