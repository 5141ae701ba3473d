import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { validate } from 'dockerfile-utils';
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
  readonly profiles?: readonly string[];
  readonly build?: { readonly target: string };
  readonly init?: boolean;
  readonly volumes?: readonly {
    readonly source: string;
    readonly target: string;
    readonly read_only?: boolean;
    readonly type: 'volume' | 'bind';
  }[];
}

interface Compose {
  readonly services: Readonly<
    Record<'drachtio' | 'freeswitch' | 'switchhook' | 'redis' | 'prometheus' | 'grafana', Service>
  >;
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
    const services = Object.values(compose.services);
    expect(Object.keys(compose.secrets)).toEqual([...new Set(services.flatMap((s) => s.secrets ?? []))]);
    const used = services.flatMap(({ volumes = [] }) =>
      volumes.filter(({ type }) => type === 'volume').map(({ source }) => source),
    );
    expect(Object.keys(compose.volumes).sort()).toEqual([...new Set(used)].sort());
    expect(Object.keys(drachtio.environment ?? {})).toContain(compose.secrets['drachtio']?.environment);
    expect(option(freeswitch, '--password')).toContain(compose.secrets['freeswitch']?.environment);
  });

  it('without a profile only what a call needs is started', () => {
    const plain = Object.entries(compose.services).flatMap(([name, s]) =>
      s.profiles === undefined ? name : [],
    );
    expect(plain).toEqual(['drachtio', 'freeswitch', 'switchhook', 'redis']);
    expect(option(redis, '--maxmemory-policy')).toBe('noeviction');
    // The engine starts programs of its own, and is process 1.
    expect(switchhook.init).toBe(true);
  });

  it('every file that is mounted is there, and Prometheus and Grafana find theirs', () => {
    const { prometheus, grafana } = compose.services;
    const binds = [...(prometheus.volumes ?? []), ...(grafana.volumes ?? [])].filter(
      (v) => v.type === 'bind',
    );
    expect(binds).toHaveLength(3);
    for (const { source, read_only } of binds)
      expect([existsSync(join(root, source)), read_only]).toEqual([true, true]);
    const scrape = parse(text('ops/prometheus/prometheus.yml')) as {
      rule_files: string[];
      scrape_configs: {
        authorization: { credentials_file: string };
        static_configs: { targets: string[] }[];
      }[];
    };
    expect(scrape.rule_files.map((file) => existsSync(join(root, 'ops/prometheus', file)))).toEqual([true]);
    const [job] = scrape.scrape_configs;
    expect(job?.static_configs[0]?.targets).toEqual([production().api.listen]);
    expect(job?.authorization.credentials_file).toBe('/run/secrets/api-tokens');
    expect(prometheus.secrets).toEqual(['api-tokens']);
    const provider = parse(text('ops/grafana/provisioning/dashboards/switchhook.yml')) as {
      providers: { options: { path: string } }[];
    };
    const [{ options } = { options: { path: '' } }] = provider.providers;
    expect(binds.map(({ target }) => target)).toContain(`${options.path}/switchhook.json`);
  });

  it('the RTP range is the one the firewall is told of', () => {
    const range = `${option(freeswitch, '--rtp-range-start')}-${option(freeswitch, '--rtp-range-end')}`;
    expect(text('docker-compose.yml')).toContain(`UDP ${range} (RTP)`);
    expect(text('docs/media.md')).toContain(range);
  });
});

describe('the Dockerfile', () => {
  const dockerfile = text('Dockerfile');
  const stages = [...dockerfile.matchAll(/^FROM (\S+) AS (\w+)$/gm)].map(([, from, name]) => ({
    from,
    name,
  }));
  const last = dockerfile.slice(dockerfile.lastIndexOf('\nFROM '));

  it('is what a validator of Dockerfiles has nothing against', () => {
    expect(validate(dockerfile).map(({ message }) => message)).toEqual([]);
    expect(validate('FORM node\nMAINTAINER me').length).toBeGreaterThan(0);
  });

  it('ends in a stage without development packages, not run by root, that says whether it is well', () => {
    expect(stages.at(-1)?.name).toBe('engine');
    expect(dockerfile).toContain('npm prune --omit=dev');
    expect(last).toMatch(/^USER node$/m);
    expect(last).toMatch(/^HEALTHCHECK .*\n {2}CMD \["node"/m);
    expect(last).not.toContain('npm ci');
    expect(last.indexOf('USER node')).toBeLessThan(last.indexOf('ENTRYPOINT'));
  });

  it('has every stage docker-compose.yml builds, and copies what exists', () => {
    const built = Object.values(compose.services).flatMap(({ build }) => build?.target ?? []);
    expect(stages.map(({ name }) => name)).toEqual(expect.arrayContaining(built));
    const copied = [...dockerfile.matchAll(/^COPY (?!--from)(.+) \S+$/gm)].flatMap(([, files = '']) =>
      files.split(' '),
    );
    expect(copied.filter((file) => !existsSync(join(root, file)))).toEqual([]);
    const ignored = text('.dockerignore').split('\n');
    expect(copied.filter((file) => ignored.includes(file))).toEqual([]);
  });
});

describe('docs/operations.md', () => {
  const page = text('docs/operations.md');

  it('says what to do about every alert there is', () => {
    const { groups } = parse(text('ops/prometheus/alerts.yml')) as {
      groups: { rules: { alert: string }[] }[];
    };
    const alerts = groups.flatMap(({ rules }) => rules.map(({ alert }) => alert));
    const explained = [...page.matchAll(/`(Switchhook\w+)`/g)].map(([, name]) => name);
    expect(alerts.length).toBeGreaterThan(5);
    expect(explained.sort()).toEqual(alerts.sort());
  });

  it('speaks of metrics that exist', () => {
    const known = text('docs/metrics.md');
    const named = [...page.matchAll(/`([a-z]+(?:_[a-z]+)+)(?:\{[a-z,]+\})?`/g)].map(([, name = '']) => name);
    const metrics = named.filter((name) => /_(total|seconds|active|open|up|backlog)$/.test(name));
    expect(metrics.length).toBeGreaterThan(10);
    expect(metrics.filter((name) => !known.includes(`| \`${name}\` |`))).toEqual([]);
  });
});
