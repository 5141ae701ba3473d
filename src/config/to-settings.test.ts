import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadConfig } from './load-config.js';
import { toSettings } from './to-settings.js';

const settings = (yaml: string) => toSettings(loadConfig({ file: 'x.yaml', env: {}, readFile: () => yaml }));

const DAY_MS = 86_400_000;
const REFER = { responseMs: 15_000, firstNotifyMs: 15_000, totalMs: 120_000, departMs: 5000 };

describe('toSettings', () => {
  it('maps every key of a trunk', () => {
    const { trunks } = settings(`
trunks:
  t:
    allow: [ "10.0.0.0/8" ]
    proxy: "sip:10.0.0.1"
    auth: { username: u, password: p }
    register: true
    pingMs: 30000
    numberFormat: national(US)
    callerId: { policy: fixed, number: "+1 (612) 555-0100", recipe: pai }
    transfer: { refer: yes, referTo: sip, headersIn: referTo, dtmfInfo: true }
    headerBudget: { count: 10 }
    limits: { concurrent: 5, perTargetPerMinute: 3 }
    failover: [ plain ]
    statusMap: { 603: 486, 500: 480 }
    referFromNetwork: allow
  plain: { allow: [ "::1" ], proxy: "sip:10.0.0.2", callerId: { recipe: { X-Who: "{shown}" } } }
`);
    expect(trunks.get('t')).toEqual({
      name: 't',
      allow: ['10.0.0.0/8'],
      proxy: 'sip:10.0.0.1',
      auth: { username: 'u', password: 'p' },
      register: true,
      pingMs: 30_000,
      numberFormat: 'national(US)',
      callerId: {
        policy: 'fixed',
        number: '+16125550100',
        allowForeign: false,
        recipe: { 'P-Asserted-Identity': '{name} <sip:{shown}@{host}>' },
      },
      transfer: { refer: 'yes', referTo: 'sip', headersIn: 'referTo', dtmfInfo: true },
      headerBudget: { count: 10, bytes: 36_864 },
      limits: { concurrent: 5, perMinute: null, perTargetPerMinute: 3 },
      failover: ['plain'],
      statusMap: { '603': 486, '500': 480 },
      referFromNetwork: 'allow',
    });
    expect(trunks.get('plain')).toMatchObject({
      register: false,
      pingMs: null,
      callerId: { number: null, recipe: { 'X-Who': '{shown}' } },
      transfer: { refer: 'auto', referTo: 'sip', headersIn: 'message', dtmfInfo: false },
      limits: { concurrent: null, perMinute: null, perTargetPerMinute: null },
      failover: [],
      statusMap: {},
      referFromNetwork: null,
    });
  });

  it('maps every key of a channel with a bot; timers it leaves out come from below', () => {
    const { channels, transfer } = settings(`
trunks: { t: { allow: [ "10.0.0.0/8" ], proxy: "sip:10.0.0.1" } }
channels:
  c:
    match: { trunk: t, did: [ "1800*" ] }
    trunk: t
    bot: { kind: sip, uri: "sip:bot@10.0.0.2", events: { url: "http://a/", dialect: jaicp } }
    referFromNetwork: deny
    transfer:
      method: refer
      refer: { totalMs: 9000 }
      ringTimeoutMs: 5000
      onFailure: [ { match: [ busy ], action: end } ]
transfer: { returnToBot: true, method: invite }
`);
    expect(channels.get('c')).toEqual({
      id: 'c',
      match: { trunk: 't', did: ['1800*'] },
      trunk: 't',
      media: 'direct',
      answer: { by: 'bot', bot: { kind: 'sip', uri: 'sip:bot@10.0.0.2' } },
      events: { url: 'http://a/', dialect: 'jaicp', secret: null, retryForMs: DAY_MS },
      referFromNetwork: 'deny',
      transfer: {
        method: 'refer',
        refer: { ...REFER, totalMs: 9000 },
        ringTimeoutMs: 5000,
        onFailure: [{ match: ['busy'], action: { kind: 'end', message: null } }],
      },
      answerTimeoutMs: 60_000,
      recording: null,
    });
    expect(transfer).toEqual({
      method: 'invite',
      refer: REFER,
      ringTimeoutMs: 30_000,
      returnToBot: true,
      callerSilenceMs: 10_000,
      sounds: {},
      onFailure: [],
    });
  });

  it('maps a webhook bot: it is told what happens where it is asked', () => {
    const { channels } = settings(`
channels:
  plain: { media: anchored, match: { did: [ "1" ] }, bot: { kind: webhook, url: "http://a/bot" } }
  full:
    media: anchored
    bot:
      kind: webhook
      url: "http://a/bot"
      dialect: jaicp
      decisionTimeoutMs: 500
      noInputTimeoutMs: 5000
      digitTimeoutMs: 700
      maxDigits: 4
      fallback: { message: { file: sorry.wav }, target: { sipUri: "sip:bob@10.0.0.1", postDial: "1" } }
    recording: { dir: /var/rec, channels: stereo, consent: { file: sorry.wav }, maxSeconds: 60 }
`);
    expect(channels.get('plain')).toMatchObject({
      answer: {
        by: 'script',
        bot: {
          kind: 'webhook',
          decisionTimeoutMs: 2000,
          noInputTimeoutMs: 10_000,
          digitTimeoutMs: 1500,
          maxDigits: 32,
          fallback: { message: null, target: null },
        },
      },
      events: { url: 'http://a/bot', dialect: 'native', secret: null, retryForMs: DAY_MS },
      recording: null,
    });
    expect(channels.get('full')).toMatchObject({
      answer: {
        bot: {
          decisionTimeoutMs: 500,
          noInputTimeoutMs: 5000,
          digitTimeoutMs: 700,
          maxDigits: 4,
          fallback: {
            message: { file: 'sorry.wav' },
            target: { sipUri: 'sip:bob@10.0.0.1', postDial: '1' },
          },
        },
      },
      events: { dialect: 'jaicp' },
      recording: {
        dir: '/var/rec',
        channels: 'stereo',
        consent: { file: 'sorry.wav' },
        maxSeconds: 60,
      },
    });
  });

  it('maps what is heard, layer by layer; what a layer leaves out stays absent, what it switches off is null', () => {
    const { channels, transfer, targets } = settings(`
channels:
  c:
    media: anchored
    route: { sipUri: "sip:a" }
    transfer: { announce: null, whisper: null, confirm: null, warm: null, returnKey: null, waiting: early }
  d:
    media: anchored
    route: { sipUri: "sip:a" }
    transfer: { confirm: {}, warm: { introduction: { file: sorry.wav } }, announce: [ { file: sorry.wav } ], returnKey: "*" }
  silent: { media: anchored, route: { sipUri: "sip:a" }, transfer: { ringTimeoutMs: 5000 } }
targets: { queues: { q: { members: [ "sip:a" ], music: moh.wav } } }
transfer: { waiting: music, music: moh.wav, announce: { file: sorry.wav }, whisper: { file: sorry.wav } }
`);
    expect(transfer.sounds).toEqual({
      waiting: { music: 'moh.wav' },
      announce: [{ file: 'sorry.wav' }],
      whisper: { file: 'sorry.wav' },
    });
    expect(channels.get('c')?.transfer.sounds).toEqual({
      waiting: 'early',
      announce: [],
      whisper: null,
      confirm: null,
      warm: null,
      returnKey: null,
    });
    expect(channels.get('d')?.transfer.sounds).toEqual({
      confirm: { key: '1', message: null, timeoutMs: 10_000 },
      warm: { introduction: { file: 'sorry.wav' }, key: '#', maxMs: 60_000 },
      announce: [{ file: 'sorry.wav' }],
      returnKey: '*',
    });
    expect(channels.get('silent')?.transfer).toEqual({ ringTimeoutMs: 5000 });
    expect(targets.queues.get('q')?.music).toBe('moh.wav');
  });

  it('maps channels without a bot', () => {
    const { channels } = settings(`
trunks: { t: { allow: [ "::1" ], proxy: "sip:10.0.0.1" } }
channels:
  routed: { match: { did: [ "1" ] }, trunk: t, route: requestUri, events: { url: "http://a/", retryForMs: 600000 } }
  fixed: { match: { did: [ "2" ] }, route: { sipUri: "sip:bob@10.0.0.1", postDial: "1#" } }
  moved: { match: { did: [ "3" ] }, redirect: { phoneNumber: "+16125550100" } }
  closed: { match: { did: [ "4" ] }, refuse: { code: 486, reason: "Busy Here" } }
  shut: { match: { did: [ "5" ] }, refuse: {} }
`);
    expect([...channels.values()].map((channel) => channel.answer)).toEqual([
      { by: 'route', to: 'requestUri' },
      { by: 'route', to: { sipUri: 'sip:bob@10.0.0.1', postDial: '1#' } },
      { by: 'redirect', to: { phoneNumber: '+16125550100' } },
      { by: 'refuse', code: 486, reason: 'Busy Here' },
      { by: 'refuse', code: 603, reason: 'Decline' },
    ]);
    expect(channels.get('routed')?.events).toEqual({
      ...{ url: 'http://a/', dialect: 'native', secret: null },
      retryForMs: 600_000,
    });
  });

  it('maps names, and the policy', () => {
    const { targets, policy } = settings(`
targets:
  queues:
    all: { members: [ "sip:a@10.0.0.1", "sip:b@10.0.0.1" ] }
    turn: { members: [ "sip:a@10.0.0.1" ], strategy: roundRobin, maxWaitMs: 5000, overflow: { node: Sorry } }
    more: { members: [ "sip:a@10.0.0.1" ], strategy: sequential, overflow: { queue: all } }
  extensions: { "7001": { queue: all } }
policy:
  allow: { countries: [ US, CA ], hosts: [ 10.0.0.1 ] }
  deny: { prefixes: [ "+4470" ] }
`);
    expect([...targets.queues.values()]).toEqual([
      {
        name: 'all',
        members: ['sip:a@10.0.0.1', 'sip:b@10.0.0.1'],
        strategy: 'ringAll',
        maxWaitMs: 60_000,
        music: null,
        overflow: null,
      },
      {
        name: 'turn',
        members: ['sip:a@10.0.0.1'],
        strategy: 'roundRobin',
        maxWaitMs: 5000,
        music: null,
        overflow: { node: 'Sorry' },
      },
      {
        name: 'more',
        members: ['sip:a@10.0.0.1'],
        strategy: 'sequential',
        maxWaitMs: 60_000,
        music: null,
        overflow: { target: { queue: 'all' } },
      },
    ]);
    expect([...targets.extensions]).toEqual([['7001', { queue: 'all' }]]);
    expect(policy).toEqual({
      allowHosts: ['10.0.0.1'],
      allowCountries: ['US', 'CA'],
      denyPrefixes: ['+4470'],
      referFromNetwork: 'deny',
    });
    expect(settings('').policy).toEqual({
      allowHosts: null,
      allowCountries: null,
      denyPrefixes: [],
      referFromNetwork: 'deny',
    });
  });

  it('knows the system behind a trunk or a queue, where one is named', () => {
    const { trunks, targets } = settings(`
trunks:
  genesys: { allow: [ "::1" ], proxy: "sip:h", provider: { name: genesys, sessionHeader: X-Genesys-Id } }
targets:
  queues: { claims: { members: [ "sip:a@h" ], provider: { name: servicenow } } }
`);
    expect(trunks.get('genesys')?.provider).toEqual({ name: 'genesys', sessionHeader: 'X-Genesys-Id' });
    expect(targets.queues.get('claims')?.provider).toEqual({ name: 'servicenow', sessionHeader: null });
  });

  it('finds the file of call detail records from the configuration', () => {
    const config = loadConfig({
      ...{ file: '/etc/switchhook/x.yaml', env: {} },
      readFile: () => 'cdr: { file: calls.jsonl }\nsessions: { ttlMinutes: { chat: 2 } }',
    });
    expect(config.cdr).toEqual({ file: '/etc/switchhook/calls.jsonl', keep: 100_000 });
    expect(config.sessions.ttlMinutes).toMatchObject({ voice: 0, chat: 2, email: 1440 });
  });

  it('config/default.yaml loads on a fresh machine and begins with its schema', () => {
    const file = join(import.meta.dirname, '../../config/default.yaml');
    const config = loadConfig({ file, env: {}, readFile: (path) => readFileSync(path, 'utf8') });
    expect(toSettings(config).channels.has('support-line')).toBe(true);
    expect(readFileSync(file, 'utf8')).toMatch(/^# yaml-language-server: \$schema=\.\/schema\.json\n/);
  });
});
