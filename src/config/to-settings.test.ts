import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadConfig } from './load-config.js';
import { toSettings } from './to-settings.js';

const settings = (yaml: string) => toSettings(loadConfig({ file: 'x.yaml', env: {}, readFile: () => yaml }));

describe('toSettings', () => {
  it('maps every key routing reads', () => {
    const { trunks, channels, policy, transfer } = settings(`
trunks:
  t:
    allow: [ "10.0.0.0/8" ]
    proxy: "sip:10.0.0.1"
    auth: { username: u, password: p }
    numberFormat: national(US)
    callerId: { policy: fixed, number: "+1 (612) 555-0100" }
channels:
  c:
    match: { trunk: t, did: [ "1800*" ] }
    trunk: t
    bot: { kind: sip, uri: "sip:bot@10.0.0.2", events: { url: "http://a/", dialect: jaicp } }
    transfer: { ringTimeoutMs: 5000, onFailure: [ { match: [ busy ], action: end } ] }
transfer: { returnToBot: true }
`);
    expect(trunks.get('t')).toEqual({
      name: 't',
      allow: ['10.0.0.0/8'],
      proxy: 'sip:10.0.0.1',
      auth: { username: 'u', password: 'p' },
      numberFormat: 'national(US)',
      callerId: { policy: 'fixed', number: '+16125550100' },
    });
    expect(channels.get('c')).toEqual({
      id: 'c',
      match: { trunk: 't', did: ['1800*'] },
      trunk: 't',
      media: 'direct',
      bot: { kind: 'sip', uri: 'sip:bot@10.0.0.2' },
      events: { url: 'http://a/', dialect: 'jaicp', secret: null },
      transfer: {
        ringTimeoutMs: 5000,
        onFailure: [{ match: ['busy'], action: { kind: 'end', message: null } }],
      },
      answerTimeoutMs: 60_000,
    });
    expect(policy).toEqual({ allowHosts: null });
    expect(transfer).toEqual({
      ringTimeoutMs: 30_000,
      returnToBot: true,
      callerSilenceMs: 10_000,
      onFailure: [],
    });
  });

  it('config/default.yaml loads on a fresh machine and begins with its schema', () => {
    const file = join(import.meta.dirname, '../../config/default.yaml');
    const config = loadConfig({ file, env: {}, readFile: (path) => readFileSync(path, 'utf8') });
    expect(toSettings(config).channels.has('support-line')).toBe(true);
    expect(readFileSync(file, 'utf8')).toMatch(/^# yaml-language-server: \$schema=\.\/schema\.json\n/);
  });
});
