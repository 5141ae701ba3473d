import { mkdtempSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { wavOf } from '../audio/wav.js';
import { SHIPPED_SOUNDS } from './complete-sounds.js';
import { ConfigError, loadConfig } from './load-config.js';
import { type Machine, thisMachine } from './machine.js';
import type { Config } from './schema.js';
import { toSoundSettings } from './to-sound-settings.js';

const MOH = join(SHIPPED_SOUNDS, 'moh.wav');

/** A machine with these programs, and the sound files that come with Switchhook, and these. */
const machine = (programs: readonly string[], files: readonly string[] = []): Machine => ({
  unplayable: (path) => (path === MOH || files.includes(path) ? undefined : 'cannot be read: no such file'),
  runs: (program) => programs.includes(program),
});

const load = (yaml: string, on: Machine = machine(['espeak-ng'])): Config =>
  loadConfig({ file: '/etc/switchhook/x.yaml', env: {}, readFile: () => yaml, machine: on });

/** `key: message` of every mistake. */
function mistakes(yaml: string, on?: Machine): readonly string[] {
  try {
    load(yaml, on);
    return [];
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.lines.map((line) => line.replace(/^\/etc\/switchhook\/x\.yaml:\d+:\d+: /, ''));
  }
}

const anchored = (keys = '') => `channels: { c: { media: anchored, route: { sipUri: "sip:a" }, ${keys} } }\n`;
const direct = (keys = '') =>
  `channels: { c: { bot: { kind: sip, uri: "sip:b", events: { url: "http://bot:9000/e" } }, ${keys} } }\n`;

describe('a text that nobody can speak', () => {
  it.each([
    ['transfer: { announce: { text: Hello } }', anchored(), 'transfer.announce.text'],
    [
      'transfer: { announce: [ { file: moh.wav }, { text: Hello } ] }',
      anchored(),
      'transfer.announce[1].text',
    ],
    ['transfer: { whisper: { text: Hello } }', anchored(), 'transfer.whisper.text'],
    ['transfer: { confirm: { message: { text: Hello } } }', anchored(), 'transfer.confirm.message.text'],
    ['transfer: { warm: { introduction: { text: Hi } } }', anchored(), 'transfer.warm.introduction.text'],
    [
      'transfer: { onFailure: [ { match: [ "*" ], action: end, message: { text: Bye } } ] }',
      anchored(),
      'transfer.onFailure[0].message.text',
    ],
    ['', anchored('transfer: { whisper: { text: Hello } }'), 'channels.c.transfer.whisper.text'],
    [
      '',
      direct('media: anchored, recording: { dir: r, consent: { text: Hello } }'),
      'channels.c.recording.consent.text',
    ],
    [
      '',
      'channels: { c: { media: anchored, bot: { kind: webhook, url: "http://b/", fallback: { message: { text: Bye } } } } }',
      'channels.c.bot.fallback.message.text',
    ],
  ])('%s %s', (transfer, channels, key) => {
    const yaml = `${channels}${transfer}`;
    for (const on of [machine([]), machine(['espeak-ng'])]) {
      const without = on.runs('espeak-ng') ? `${yaml}\nsounds: { speech: none }` : yaml;
      expect(mistakes(without, on)).toEqual([
        `${key}: cannot be spoken: there is no speech on this machine; install espeak-ng, configure sounds.speech, or use a file`,
      ]);
    }
    expect(mistakes(yaml)).toEqual([]);
    expect(mistakes(`${yaml}\nsounds: { speech: { kind: http, url: "http://tts/" } }`, machine([]))).toEqual(
      [],
    );
  });

  it('is none where it is only told to the bot, or never said', () => {
    const rules = 'onFailure: [ { match: [ "*" ], action: end, message: { text: Bye } } ]';
    expect(mistakes(`${direct()}transfer: { ${rules} }`, machine([]))).toEqual([]);
    const own = anchored('transfer: { onFailure: [ { match: [ "*" ], action: end } ] }');
    expect(mistakes(`${own}transfer: { ${rules} }`, machine([]))).toEqual([]);
  });

  it('a speech program that is not there is a mistake of its own', () => {
    expect(mistakes('sounds: { speech: { kind: command, command: [ pico2wave ] } }')).toEqual([
      'sounds.speech.command: there is no program "pico2wave" on the PATH; install it, or name another',
    ]);
  });
});

describe('sound files', () => {
  it.each([
    ['transfer: { announce: { file: gone.wav } }', 'transfer.announce.file'],
    ['transfer: { waiting: music, music: gone.wav }', 'transfer.music'],
    ['targets: { queues: { q: { members: [ "sip:a" ], music: gone.wav } } }', 'targets.queues.q.music'],
  ])('missing: %s', (yaml, key) => {
    expect(mistakes(anchored() + yaml)).toEqual([
      `${key}: gone.wav cannot be read: no such file below /etc/switchhook/sounds`,
    ]);
  });

  it('are looked for below the directory, then among our own; a full path stands for itself', () => {
    const mine = machine([], ['/etc/switchhook/sounds/a/b.wav', '/srv/c.wav']);
    const yaml = (file: string) => `${anchored()}transfer: { announce: { file: "${file}" } }`;
    expect(mistakes(yaml('a/b.wav'), mine)).toEqual([]);
    expect(mistakes(yaml('moh.wav'), mine)).toEqual([]);
    expect(mistakes(yaml('/srv/c.wav'), mine)).toEqual([]);
    expect(mistakes(yaml('/srv/d.wav'), mine)).toEqual([
      'transfer.announce.file: /srv/d.wav cannot be read: no such file',
    ]);
  });

  it.each(['../x.wav', 'a/../x.wav', '.hidden', 'a//b', 'a!b', 'x@@1', '{a=b}x', 'tone_stream://x', ''])(
    'no sound file: %j',
    (file) => {
      expect(mistakes(`${anchored()}transfer: { announce: { file: "${file}" } }`)).toHaveLength(1);
    },
  );

  it('media servers elsewhere see one directory: ours do not count, and full paths outside it are theirs', () => {
    const shared = (file: string, more = '') =>
      `${anchored()}transfer: { announce: { file: "${file}" } }\nsounds: { dir: /srv/sounds, mediaDir: /usr/share/fs, ${more} }`;
    const mine = machine([], ['/srv/sounds/a.wav']);
    expect(mistakes(shared('a.wav'), mine)).toEqual([]);
    expect(mistakes(shared('/usr/share/theirs.wav'), mine)).toEqual([]);
    expect(mistakes(shared('moh.wav'), mine)).toEqual([
      'transfer.announce.file: moh.wav cannot be read: no such file below /srv/sounds',
    ]);
    expect(mistakes(shared('a.wav', 'cacheDir: /tmp/cache'), mine)).toEqual([
      expect.stringContaining('sounds.cacheDir: is not below sounds.dir'),
    ]);
    expect(load(shared('a.wav'), mine).sounds.cacheDir).toBe('/srv/sounds/cache');
  });

  it('media servers elsewhere must see the files of this machine', () => {
    const at = (address: string, channels = anchored('transfer: { announce: { file: moh.wav } }')) =>
      mistakes(`${channels}media: { server: [ { address: ${address}, secret: x } ], listen: "10.0.0.1:0" }`);
    expect(at('10.0.0.9')).toEqual([
      expect.stringContaining('sounds.mediaDir: is missing: the media server at 10.0.0.9'),
    ]);
    expect(
      at('10.0.0.9', 'channels: { c: { media: anchored, bot: { kind: webhook, url: "http://b/" } } }\n'),
    ).toHaveLength(1);
    expect(at('10.0.0.9', anchored())).toEqual([]);
    expect(at('127.0.0.1')).toEqual([]);
  });

  describe('on this machine', () => {
    const dir = mkdtempSync(join(tmpdir(), 'sounds-'));
    afterAll(() => rmSync(dir, { recursive: true }));
    const write = (name: string, bytes: Buffer | string) => writeFileSync(join(dir, name), bytes);
    const header = (edit: (wav: Buffer) => void): Buffer => {
      const wav = wavOf(new Int16Array(8), 8000);
      edit(wav);
      return wav;
    };
    write('good.wav', wavOf(new Int16Array(8), 16_000));
    write('fast.wav', wavOf(new Int16Array(8), 44_100));
    write(
      'stereo.wav',
      header((wav) => wav.writeUInt16LE(2, 22)),
    );
    write(
      'bits.wav',
      header((wav) => wav.writeUInt16LE(8, 34)),
    );
    write(
      'ulaw.wav',
      header((wav) => wav.writeUInt16LE(7, 20)),
    );
    write('empty.wav', wavOf(new Int16Array(0), 8000));
    write('cut.wav', wavOf(new Int16Array(8), 8000).subarray(0, 30));
    write('page.wav', '<html>');
    mkdirSync(join(dir, 'dir.wav'));

    it.each([
      ['good.wav', undefined],
      ['fast.wav', 'has 44100 samples a second, not 8000 or 16000; convert it: sox'],
      ['stereo.wav', 'has 2 channels, not one; convert it: sox'],
      ['bits.wav', 'is not 16 bit PCM; convert it: sox'],
      ['ulaw.wav', 'is not 16 bit PCM; convert it: sox'],
      ['empty.wav', 'holds no audio'],
      ['cut.wav', 'is a broken WAV file'],
      ['page.wav', 'is no WAV file'],
      ['dir.wav', 'it is a directory'],
    ])('%s %s', (name, why) => {
      const { unplayable } = thisMachine('');
      if (why === undefined) expect(unplayable(join(dir, name))).toBeUndefined();
      else expect(unplayable(join(dir, name))).toContain(why);
    });

    it('programs are found on the PATH, or by their path, when they can be run', () => {
      writeFileSync(join(dir, 'tool'), '', { mode: 0o755 });
      const { runs } = thisMachine(`/nowhere:${dir}`);
      expect([runs('tool'), runs(join(dir, 'tool'))]).toEqual([true, true]);
      expect([runs('good.wav'), runs('gone'), runs('dir.wav')]).toEqual([false, false, false]);
      expect(thisMachine(undefined).runs('tool')).toBe(false);
    });
  });
});

describe('keys that need anchored media', () => {
  it.each([
    ['transfer: { announce: { file: moh.wav } }', 'channels.c.transfer.announce'],
    ['transfer: { whisper: { file: moh.wav } }', 'channels.c.transfer.whisper'],
    ['transfer: { confirm: {} }', 'channels.c.transfer.confirm'],
    ['transfer: { warm: {} }', 'channels.c.transfer.warm'],
    ['transfer: { waiting: ringback }', 'channels.c.transfer.waiting'],
    ['transfer: { waiting: music, music: moh.wav }', 'channels.c.transfer.waiting'],
    ['transfer: { returnKey: "*" }', 'channels.c.transfer.returnKey'],
    ['recording: { dir: r }', 'channels.c.recording'],
  ])('are a mistake where media is direct: %s', (keys, key) => {
    expect(mistakes(direct(keys))).toEqual([
      `${key}: needs a media server, and media is direct here; set media: anchored, or leave it out`,
    ]);
  });

  it.each([
    'transfer: { waiting: bot, announce: null, whisper: null, confirm: null, warm: null, returnKey: null }',
  ])('may be switched off there: %s', (keys) => expect(mistakes(direct(keys))).toEqual([]));

  it('are a mistake below all channels when none is anchored', () => {
    expect(mistakes(`${direct()}transfer: { returnKey: "*" }`)).toEqual([
      'transfer.returnKey: is heard by nobody: no channel has media: anchored; set it, or leave this out',
    ]);
  });

  it.each([
    [
      'channels: { c: { bot: { kind: webhook, url: "http://b/" } } }',
      'channels.c.media: must be anchored: a webhook bot speaks through a media server',
    ],
    [
      `${anchored()}media: { server: none }`,
      'channels.c.media: is anchored, and media.server is none; use embedded, or name FreeSWITCH servers',
    ],
    [
      'channels: { c: { media: anchored, bot: { kind: webhook, url: "http://b/", fallback: { target: { queue: zzzz } } } } }',
      'channels.c.bot.fallback.target.queue: there is no queue "zzzz"; define it under targets.queues',
    ],
    [
      'channels: { c: { media: anchored, bot: { kind: webhook, url: "http://b/", fallback: { target: { phoneNumber: "1" } } } } }',
      'channels.c.bot.fallback.target: has no way out: a number leaves by a trunk; set trunk',
    ],
    [
      anchored('transfer: { waiting: music }'),
      'channels.c.transfer.music: is missing; waiting: music needs a sound file',
    ],
    [
      anchored('transfer: { music: moh.wav }'),
      'channels.c.transfer.music: has no meaning without waiting: music; add it',
    ],
    [
      anchored('transfer: { whisper: {} }'),
      'channels.c.transfer.whisper: is empty; give one of text, file, audioUri',
    ],
    [
      anchored('transfer: { whisper: { text: a, file: moh.wav } }'),
      'channels.c.transfer.whisper: has text and file; give one of them',
    ],
    [
      anchored('transfer: { returnKey: "12" }'),
      'channels.c.transfer.returnKey: must be one key of a phone: a digit, *, # or A to D',
    ],
  ])('%s', (yaml, line) => expect(mistakes(yaml)).toEqual([line]));
});

describe('consent to a recording', () => {
  const CONSENT = 'recording: { dir: r, consent: { file: moh.wav } }';

  it('needs somebody who tells it', () => {
    expect(mistakes(anchored(CONSENT))).toEqual([
      'channels.c.recording.consent: is told by nobody: calls of this channel are answered by their target; leave it out',
    ]);
    expect(mistakes(direct(`media: anchored, ${CONSENT}`))).toEqual([]);
  });
});

describe('toSoundSettings', () => {
  const of = (yaml: string, on?: Machine) => toSoundSettings(load(yaml, on));

  it('what a fresh machine has', () => {
    expect(of('')).toMatchObject({
      dirs: ['/etc/switchhook/sounds', resolve('config/sounds')],
      cacheMaxMb: 256,
      mediaDir: null,
      files: [],
      texts: [],
      ringback: '%(2000,4000,440,480)',
      allowHosts: [],
      speech: {
        kind: 'command',
        command: ['espeak-ng', '--stdin', '--stdout', '-v', '{voice}'],
        voice: 'en',
        timeoutMs: 5000,
      },
    });
    expect(of('').cacheDir).toMatch(/^\/.*switchhook-speech/);
    expect(of('', machine([])).speech).toBeNull();
  });

  it('a service that speaks', () => {
    const speech =
      'speech: { kind: http, url: "http://tts/", secret: key, voice: ann, body: { input: "{text}" }, headers: { X-A: b } }';
    expect(of(`sounds: { ${speech} }`).speech).toEqual({
      kind: 'http',
      url: 'http://tts/',
      secret: 'key',
      voice: 'ann',
      body: { input: '{text}' },
      headers: { 'X-A': 'b' },
      timeoutMs: 5000,
    });
  });

  it('full paths and texts of the configuration', () => {
    const yaml = anchored(
      'transfer: { whisper: { text: Hi }, announce: [ { text: One }, { file: /srv/c.wav } ] }',
    );
    expect(of(yaml, machine(['espeak-ng'], ['/srv/c.wav']))).toMatchObject({
      files: ['/srv/c.wav'],
      texts: ['One', 'Hi'],
    });
  });

  it('audio comes from the bots, or from where the configuration says', () => {
    const webhook = (url: string) => `{ media: anchored, bot: { kind: webhook, url: "${url}" } }`;
    const bots = `channels: { a: ${webhook('http://bot:9000/x')}, b: ${webhook('https://Cloud.example/y')} }\n`;
    expect(of(bots).allowHosts).toEqual(['bot:9000', 'cloud.example:443']);
    expect(
      of(`${bots}sounds: { allowHosts: [ cdn.example, "10.0.0.1:81", "[::1]:82" ] }`).allowHosts,
    ).toEqual(['cdn.example:80', 'cdn.example:443', '10.0.0.1:81', '[::1]:82']);
    const uri = (host: string) =>
      mistakes(
        `${anchored()}transfer: { announce: { audioUri: "http://${host}/a.wav" } }\nsounds: { allowHosts: [ cdn ] }`,
      );
    expect(uri('cdn')).toEqual([]);
    expect(uri('cdn:81')).toEqual([
      'transfer.announce.audioUri: is not fetched: cdn:81 is not among sounds.allowHosts; add it there',
    ]);
  });

  it('recordings of our own machine lie beside the configuration', () => {
    const dirOf = (yaml: string) => load(yaml).channels['c']?.recording?.dir;
    expect(dirOf(anchored('recording: { dir: rec }'))).toBe('/etc/switchhook/rec');
    expect(dirOf(anchored('recording: { dir: /rec }'))).toBe('/rec');
  });
});
