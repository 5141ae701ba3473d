import { describe, expect, it } from 'vitest';
import { bad, good, warn } from '../../ports/finding.js';
import type { Fetch } from '../io.js';
import { runDoctor } from './doctor.js';
import type { Probes } from './probes.js';

const nobody: Fetch = () => Promise.reject(new TypeError('fetch failed'));
const answers =
  (status: number, body = '{}'): Fetch =>
  () =>
    Promise.resolve(new Response(body, { status }));

/** A machine on which all is well. */
const healthy: Probes = {
  whyNotFree: () => Promise.resolve(undefined),
  sipServer: ({ host }) => Promise.resolve(good(`drachtio-server ${host}`, 'lets us in')),
  mediaServer: ({ port }) => Promise.resolve(good(`FreeSWITCH ${port}`, 'lets us in')),
  store: () => Promise.resolve([good('Redis', 'lets us in')]),
  web: () => Promise.resolve({ kind: 'answered', status: 405 }),
  whyNoAddress: () => Promise.resolve(undefined),
  place: () => Promise.resolve({ problem: null, free: 5e9 }),
  runs: () => true,
};

const SECRET = `whsec_${Buffer.alloc(32).toString('base64')}`;

const machine = { runs: () => true, unplayable: () => undefined };
const source = (yaml: string) => ({ file: '/etc/x.yaml', env: {}, readFile: () => yaml, machine });

async function doctor(config: string | object, probes: Partial<Probes> = {}, fetch = nobody, json = false) {
  let out = '';
  const io = { stdout: { write: (text: string) => (out += text) }, stderr: { write: () => true }, fetch };
  const yaml = typeof config === 'string' ? config : JSON.stringify(config);
  const code = await runDoctor(source(yaml), io, { ...healthy, ...probes }, json);
  return { code, out, lines: out.trimEnd().split('\n') };
}

const webhookLine = (change: object = {}) => ({
  line: {
    media: 'anchored',
    bot: {
      ...{ kind: 'webhook', url: 'https://bot.example/in?key=hush', dialect: 'native', secret: SECRET },
      fallback: { message: { text: 'bye' } },
    },
    ...change,
  },
});

describe('a machine without a running engine', () => {
  it('on which one can start', async () => {
    expect(await doctor('')).toMatchObject({
      code: 0,
      lines: [
        'ok   configuration /etc/x.yaml: is right: 0 trunk(s), 0 channel(s)',
        'ok   sip udp:127.0.0.1:5060: is free',
        'ok   sip tcp:127.0.0.1:5060: is free',
        'ok   api 127.0.0.1:8080: is free',
      ],
    });
  });

  it.each([
    ['EADDRINUSE', 'is taken by another program; stop that program, or change sip.listen'],
    ['EACCES', 'cannot be listened on (EACCES); take a port above 1023 in sip.listen'],
    ['EADDRNOTAVAIL', 'cannot be listened on (EADDRNOTAVAIL); change sip.listen'],
  ])('whose port is %s', async (why, said) => {
    const { code, lines } = await doctor('', {
      whyNotFree: ({ transport }) => Promise.resolve(transport === 'udp' ? why : undefined),
    });
    expect([code, lines[1]]).toEqual([1, `bad  sip udp:127.0.0.1:5060: ${said}`]);
  });

  it('reports every mistake of the configuration', async () => {
    const { code, lines } = await doctor('sipp: 1\napii: 2');
    expect([code, lines.length]).toEqual([1, 2]);
    expect(lines[0]).toBe(
      'bad  configuration: /etc/x.yaml:1:1: sipp: unknown key; did you mean "sip"?; docs/config.md has every key',
    );
  });
});

describe('the servers of a configuration', () => {
  const config = {
    sip: { server: { host: '127.0.0.1', secret: 'of our own' } },
    media: { server: [8021, 8022].map((port) => ({ address: '127.0.0.2', port, secret: 'of our own' })) },
    store: 'redis://10.0.0.3/0',
  };

  it('are asked, each of them, and none of them is where no channel needs media', async () => {
    const { lines } = await doctor({ ...config, channels: webhookLine() });
    for (const about of ['drachtio-server 127.0.0.1', 'FreeSWITCH 8021', 'FreeSWITCH 8022', 'Redis'])
      expect(lines).toContain(`ok   ${about}: lets us in`);
    expect((await doctor(config)).lines.join()).not.toContain('FreeSWITCH');
  });

  it('one bad answer is enough for exit code 1, a warning is not', async () => {
    const refused = bad('Redis', 'refuses the password', 'check store');
    const short = warn('Redis', 'keeps nothing on disk', 'set appendonly yes');
    const both = await doctor(config, { store: () => Promise.resolve([short, refused]) });
    expect(both.code).toBe(1);
    expect(both.lines).toContain('bad  Redis: refuses the password; check store');
    expect(both.lines).toContain('warn Redis: keeps nothing on disk; set appendonly yes');
    expect((await doctor(config, { store: () => Promise.resolve([short]) })).code).toBe(0);
  });

  it('as JSON, for programs', async () => {
    const refused = bad('Redis', 'refuses the password', 'check store');
    const { out } = await doctor(config, { store: () => Promise.resolve([refused]) }, nobody, true);
    const said = JSON.parse(out) as { ok: boolean; findings: unknown[] };
    expect(said.ok).toBe(false);
    expect(said.findings).toContainEqual(refused);
  });
});

describe('who is called', () => {
  it.each([
    [{ kind: 'answered', status: 405 }, 'ok   B: is there (405 to HEAD)'],
    [{ kind: 'answered', status: 410 }, 'bad  B: answers 410: it wants no events any more; change its url'],
    [
      { kind: 'answered', status: 502 },
      'warn B: answers 502 to HEAD; look into its log; POST may fail as well',
    ],
    [
      { kind: 'untrusted', why: 'CERT_HAS_EXPIRED' },
      'bad  B: has a certificate that is not trusted (CERT_HAS_EXPIRED); renew it, or name its authority in NODE_EXTRA_CA_CERTS',
    ],
    [
      { kind: 'silent', why: 'nothing for 3 s' },
      'bad  B: does not answer (nothing for 3 s); is it overloaded, or a firewall in between?',
    ],
    [
      { kind: 'unreachable', why: 'ECONNREFUSED' },
      'bad  B: cannot be reached (ECONNREFUSED); is it running? Check its url',
    ],
  ] as const)('a bot: %j', async (answer, line) => {
    const { lines, out } = await doctor({ channels: webhookLine() }, { web: () => Promise.resolve(answer) });
    expect(lines).toContain(line.replace('B', 'bot of channels.line https://bot.example/in'));
    expect(out).not.toContain('hush');
  });

  it('names have to have an address, and addresses are none', async () => {
    const trunks = Object.fromEntries(
      ['sip:sbc.example:5060', 'sip:gone.example', 'sip:10.0.0.1', 'sip:[::1]:5060'].map((proxy, n) => [
        `t${n}`,
        { allow: ['10.0.0.0/8'], proxy },
      ]),
    );
    const { lines } = await doctor(
      { trunks },
      { whyNoAddress: (host) => Promise.resolve(host === 'gone.example' ? 'ENOTFOUND' : undefined) },
    );
    expect(lines.filter((line) => line.includes('trunks.'))).toEqual([
      'ok   trunks.t0.proxy sbc.example: has an address',
      'bad  trunks.t1.proxy gone.example: has no address (ENOTFOUND); check the name in trunks.t1.proxy, and the DNS of this machine',
    ]);
  });
});

describe('the machine', () => {
  const recorded = { channels: webhookLine({ recording: { dir: '/srv/rec' } }) };
  const MIB = 1024 * 1024;

  it.each([
    [{ problem: null, free: 2048 * MIB }, 'ok   directory /srv/rec: can be written (2,048 MiB left)'],
    [
      { problem: null, free: 500 * MIB },
      'warn directory /srv/rec: is nearly full (500 MiB left); make room, or change channels.line.recording.dir',
    ],
    [
      { problem: null, free: 5 * MIB },
      'bad  directory /srv/rec: is full (5 MiB left); make room, or change channels.line.recording.dir',
    ],
    [
      { problem: 'is not there', free: null },
      'bad  directory /srv/rec: is not there; make it, let the engine write there, or change channels.line.recording.dir',
    ],
  ])('directory: %j', async (place, line) => {
    const { lines } = await doctor(recorded, { place: () => Promise.resolve(place) });
    expect(lines).toContain(line);
  });

  it('detail records want room as well', async () => {
    const place = (path: string) =>
      Promise.resolve({ problem: path === '/srv/cdr' ? 'is not there' : null, free: null });
    expect((await doctor({ cdr: { file: '/srv/cdr/calls.jsonl' } }, { place })).lines).toContain(
      'bad  directory /srv/cdr: is not there; make it, let the engine write there, or change cdr.file',
    );
  });

  it('speech is looked for where something is spoken', async () => {
    const speech = { kind: 'command', command: ['say-it'] };
    const config = { sounds: { speech }, channels: webhookLine() };
    expect((await doctor(config)).lines).toContain('ok   speech say-it: is installed');
    expect((await doctor(config, { runs: () => false })).lines).toContain(
      'bad  speech say-it: is not installed; install it, or change sounds.speech',
    );
    expect((await doctor({ sounds: { speech } })).lines.join()).not.toContain('speech');
  });
});

describe('a running engine', () => {
  it('is asked, and its ports are not looked at', async () => {
    const probes = { whyNotFree: () => Promise.resolve('EADDRINUSE') };
    const { code, lines } = await doctor('', probes, answers(200));
    expect([code, lines.slice(1)]).toEqual([0, ['ok   engine http://127.0.0.1:8080: runs and is ready']]);
  });

  it('may not be ready', async () => {
    expect(await doctor('', {}, answers(503))).toMatchObject({
      code: 1,
      lines: [
        expect.anything(),
        expect.stringContaining('runs and is not ready; see http://127.0.0.1:8080/readyz'),
      ],
    });
  });

  it('says what is wrong with its trunks and its store', async () => {
    const dependencies = {
      ...{ engine: 'up', store: 'degraded' },
      ...{ 'trunk:carrier': 'down', 'trunk:backup': 'degraded', 'trunk:good': 'up' },
    };
    const details = {
      store: 'Redis: the connection broke',
      'trunk:carrier': 'registration refused: 403 For\u001b[2J\r\nbidden; check trunks.carrier.auth',
      'trunk:backup': 'a ping was missed',
    };
    const body = JSON.stringify({ ready: true, dependencies, details });
    const { code, lines } = await doctor('', {}, answers(200, body));
    expect([code, lines.slice(2)]).toEqual([
      1,
      [
        'warn store: is degraded: Redis: the connection broke; see its log',
        'bad  trunk carrier: is down: registration refused: 403 For [2J bidden; check trunks.carrier.auth; see its log',
        'warn trunk backup: is degraded: a ping was missed; see its log',
        'ok   trunk good: is up',
      ],
    ]);
    expect((await doctor('', {}, answers(200, 'not JSON'))).lines).toHaveLength(2);
  });
});
