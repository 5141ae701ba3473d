import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { UsageError } from '../errors.js';
import { ConfigError, loadConfig } from './load-config.js';

const SECRET = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;

const load = (yaml: string, env: Record<string, string> = {}, files: Record<string, string> = {}) =>
  loadConfig({
    file: 'config/x.yaml',
    env,
    readFile: (path) => {
      const text = path === 'config/x.yaml' ? yaml : files[path];
      if (text === undefined) throw Object.assign(new Error('gone'), { code: 'ENOENT' });
      return text;
    },
  });

/** The lines of the error, without the file's name. */
function mistakes(
  yaml: string,
  env: Record<string, string> = {},
  files: Record<string, string> = {},
): string[] {
  try {
    load(yaml, env, files);
    return [];
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    expect(error).toBeInstanceOf(UsageError);
    expect(error.message).toBe(error.lines.join('\n'));
    expect(error.lines.every((line) => !/[\r\n]/.test(line) && line.startsWith('config/x.yaml:'))).toBe(true);
    return error.lines.map((line) => line.slice('config/x.yaml:'.length));
  }
}

const trunk = 'trunks: { t: { allow: ["127.0.0.1/32"], proxy: "sip:127.0.0.1" } }\n';
const FILES = { [resolve('config/f')]: 'y' };
const bot = 'bot: { kind: sip, uri: "sip:127.0.0.1:5090" }';

describe('loadConfig', () => {
  it('an empty file is a configuration: every key has a default', () => {
    const config = load('');
    expect(config).toMatchObject({
      sip: { server: 'embedded', listen: ['udp:127.0.0.1:5060', 'tcp:127.0.0.1:5060'] },
      transfer: { ringTimeoutMs: 30_000, returnToBot: false, callerSilenceMs: 10_000, onFailure: [] },
      drainMs: 15_000,
    });
  });

  it('is frozen to the bottom', () => {
    const config = load(trunk);
    expect(Object.isFrozen(config) && Object.isFrozen(config.trunks['t']?.allow)).toBe(true);
  });

  it('names file, line, column, key and the way out, all mistakes at once', () => {
    expect(
      mistakes('trunks:\n  carrier:\n    allow: ["127.0.0.1/33"]\n    prxy: "sip:x"\ndrainMs: soon\n'),
    ).toEqual([
      '3:13: trunks.carrier.allow[0]: is no address block; write 192.0.2.0/24, 192.0.2.7 or 2001:db8::/32',
      '4:5: trunks.carrier.prxy: unknown key; did you mean "proxy"?',
      '5:1: drainMs: must be a whole number from 0 to 3600000, not this text',
    ]);
  });

  it('reports YAML mistakes with their place', () => {
    expect(mistakes('a: 1\na: 2\n')[0]).toMatch(/^2:1: Map keys must be unique/);
    expect(mistakes('a: [1\n')).not.toEqual([]);
  });

  it('an unreadable file says so', () => {
    const gone = () =>
      loadConfig({ file: 'nope.yaml', env: {}, readFile: () => readFileSync('/nonexistent/nope', 'utf8') });
    expect(gone).toThrow('nope.yaml: cannot be read: no such file; name another with --config FILE');
  });

  describe('${VARIABLES}', () => {
    it('are replaced in texts, and are numbers where a number belongs', () => {
      const config = load('drainMs: ${DRAIN}\napi: { listen: "127.0.0.1:${PORT}" }', {
        DRAIN: '5',
        PORT: '81',
      });
      expect([config.drainMs, config.api.listen]).toEqual([5, '127.0.0.1:81']);
    });

    it('a missing one is named', () => {
      expect(mistakes('api:\n  listen: "${HOST}:1"')).toEqual([
        '2:3: api.listen: environment variable HOST is not set',
      ]);
    });

    it('cannot smuggle YAML or another variable in, and can be written literally', () => {
      const rule =
        'transfer: { onFailure: [ { match: ["*"], action: end, message: { text: "${A} $${B}" } } ] }';
      const config = load(rule, { A: '"}${C}' });
      expect(config.transfer.onFailure[0]?.message?.text).toBe('"}${C} ${B}');
    });

    it('a malformed one is an error', () => {
      expect(mistakes('api: { listen: "${a-b}" }')[0]).toContain('${ without a variable name');
    });
  });

  describe('secret files', () => {
    const auth = (keys: string) =>
      `trunks: { t: { allow: [ "10.0.0.1" ], auth: { username: u, ${keys} } } }\napi: { tokensFile: tokens }`;
    const files = {
      [resolve('config/pw')]: 's3cret\n',
      [resolve('config/tokens')]: 'token-one\n\n token-two \n',
    };

    it('are read relative to the configuration and leave the key they stand for', () => {
      const config = load(auth('passwordFile: pw'), {}, files);
      expect(config.trunks['t']?.auth).toEqual({ username: 'u', password: 's3cret' });
      expect(config.api.tokens).toEqual(['token-one', 'token-two']);
    });

    it('a missing one, one given twice and none at all are errors', () => {
      expect(mistakes(auth('passwordFile: gone'), {}, files)).toEqual([
        '1:60: trunks.t.auth.passwordFile: gone cannot be read: no such file',
      ]);
      expect(mistakes(auth('passwordFile: pw, password: x'), {}, files)[0]).toContain('give one of the two');
      expect(mistakes('trunks: { t: { allow: [ "10.0.0.1" ], auth: { username: u } } }')[0]).toContain(
        'trunks.t.auth.password: is missing; give password or passwordFile',
      );
    });

    it('a bad secret in a file is reported where the file is named', () => {
      const yaml = `channels:\n  c:\n    bot: { kind: sip, uri: "sip:b", events: { url: "http://a/", secretFile: pw } }`;
      expect(mistakes(yaml, {}, files)[0]).toMatch(
        /^3:65: channels.c.bot.events.secret: is no webhook secret/,
      );
    });
  });

  describe('cross checks', () => {
    it.each([
      [
        `channels: { c: { trunk: carier, ${bot} } }\ntrunks: { carrier: { allow: [ "::1" ] } }`,
        '1:18: channels.c.trunk: there is no trunk "carier"; did you mean "carrier"?',
      ],
      [
        `channels: { c: { match: { trunk: zzz, did: [ "1" ] }, ${bot} } }`,
        '1:27: channels.c.match.trunk: there is no trunk "zzz"; define it under trunks',
      ],
      [
        'channels: { c: { media: direct } }',
        '1:13: channels.c: needs a bot, or one of route, redirect and refuse',
      ],
      [
        `channels: { c: { ${bot}, events: { url: "http://a/" } } }`,
        'channels.c.events: belongs to channels with a route',
      ],
      [`channels: { c: { match: {}, ${bot} } }`, 'channels.c.match: matches nothing in particular'],
      [
        `trunks: { t: { allow: [ "::1" ] } }\nchannels: { c: { trunk: t, ${bot} } }`,
        'the trunk "t" has no proxy',
      ],
      [
        `channels:\n  a: { match: { did: [ "1800*" ] }, ${bot} }\n  b: { match: { did: [ "1", "1800*" ] }, ${bot} }`,
        '3:29: channels.b.match.did[1]: the channel "a" already takes 1800*',
      ],
      [
        'channels: { c: { redirect: { phoneNumber: "1", postDial: "2" } } }',
        '1:48: channels.c.redirect.postDial',
      ],
      [
        `${trunk}channels:\n  a: { match: { trunk: t }, ${bot} }\n  b: { match: { trunk: t }, ${bot} }`,
        'channels.b.match: the channel "a" already takes *',
      ],
      [
        'api: { listen: "0.0.0.0:8080" }',
        '1:8: api.listen: 0.0.0.0 can be reached from outside, and api.tokens is empty',
      ],
      ['sip: { server: { host: 10.0.0.1 } }', 'sip.server.secret: is missing'],
      ['sip: { server: { host: 10.0.0.1, secret: cymru } }', 'is the secret every installation starts with'],
      ['sip: { server: [ { host: a, secret: x }, { host: b } ] }', 'sip.server[1].secret: is missing'],
      [
        'sip: { server: [ { host: a, secret: x }, { host: b, prt: 9 } ] }',
        'sip.server[1].prt: unknown key; did you mean "port"?',
      ],
      [
        'sip: { server: [ { host: a, secret: x }, { host: a, port: 9022, secret: y } ] }',
        'sip.server[1].host: a:9022 is listed twice',
      ],
      ['sip: { server: [] }', 'sip.server'],
      [
        'sip: { server: [ { host: a, secret: x } ], listen: [ "udp:127.0.0.1:1" ] }',
        'sip.listen: belongs to the embedded server',
      ],
      [
        'sip: { server: { host: 127.0.0.1, secret: x }, listen: [ "udp:127.0.0.1:1" ] }',
        'sip.listen: belongs to the embedded server',
      ],
      [
        'trunks: { t: { allow: [ "::1" ], callerId: { policy: fixed } } }',
        'trunks.t.callerId.number: is missing',
      ],
      ['trunks: { t: { allow: [ "::1" ], proxy: "sip:bob@x" } }', 'trunks.t.proxy: is no proxy'],
      [
        'transfer: { onFailure: [ { match: [ "*" ], action: next } ] }',
        '1:13: transfer.onFailure: has no way out',
      ],
      [
        'transfer: { onFailure: [ { match: [ "*" ], action: end }, { match: [ busy ], action: end } ] }',
        'transfer.onFailure[1]: is never reached',
      ],
      [
        'transfer: { onFailure: [ { match: [ "*" ], action: retry, times: 99 } ] }',
        'transfer.onFailure[0].times: must be a whole number from 1 to 10',
      ],
      [
        `channels: { c: { ${bot}, transfer: { onFailure: [ { match: [ 486 ], action: goto } ] } } }`,
        'channels.c.transfer.onFailure[0].node: is missing',
      ],
    ])('%s', (yaml, line) => expect(mistakes(yaml).join('\n')).toContain(line));

    it('accept what is right', () => {
      expect(mistakes('api: { listen: "0.0.0.0:8080", tokens: [ "long-enough" ] }')).toEqual([]);
      expect(
        mistakes('api: { listen: "[::1]:0" }\nsip: { listen: [ "udp:127.0.0.1:0", "tcp:[::1]:0" ] }'),
      ).toEqual([]);
      expect(mistakes('sip: { server: { host: 127.0.0.1, secret: cymru } }')).toEqual([]);
      expect(
        mistakes(
          'sip: { server: [ { host: a, secret: x }, { host: a, port: 9023, secretFile: f } ] }',
          {},
          FILES,
        ),
      ).toEqual([]);
      expect(
        mistakes(
          `${trunk}channels: { a: { match: { did: [ "1" ] }, ${bot} }, b: { match: { trunk: t, did: [ "1" ] }, ${bot} } }`,
        ),
      ).toEqual([]);
      expect(mistakes(`channels: { via-only: { ${bot}, transfer: { ringTimeoutMs: 5000 } } }`)).toEqual([]);
    });
  });

  it('follows aliases to the place they stand for', () => {
    expect(mistakes('trunks:\n  a: &a { allow: [ "x" ] }\n  b: *a\n')).toHaveLength(2);
  });

  it('webhook secrets pass', () => {
    const yaml = `channels: { c: { bot: { kind: sip, uri: "sip:b", events: { url: "http://a/", secret: "${SECRET}" } } } }`;
    expect(load(yaml).channels['c']?.bot).toMatchObject({ events: { secret: SECRET, dialect: 'native' } });
  });
});
