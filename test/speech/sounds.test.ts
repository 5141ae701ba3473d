import {
  chmodSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readWavFormat, samplesOf, wavOf } from '../../src/audio/wav.js';
import { FakeSpeech, refusal, scratchDir, SoundsBench, wavSaying } from '../support/sounds-bench.js';

let scratch: ReturnType<typeof scratchDir>;
let dir: string;
beforeEach(() => {
  scratch = scratchDir();
  dir = scratch.path;
  mkdirSync(join(dir, 'sounds/deep'), { recursive: true });
  mkdirSync(join(dir, 'shipped'));
});
afterEach(() => scratch.remove());

const write = (name: string, bytes: Buffer | string = wavSaying('x')) =>
  writeFileSync(join(dir, name), bytes);
const cached = () => readdirSync(join(dir, 'cache'));

describe('files', () => {
  it('are found below the first directory that has them', async () => {
    const bench = new SoundsBench(dir, { dirs: [join(dir, 'sounds'), join(dir, 'shipped')] });
    write('sounds/a.wav');
    write('sounds/deep/b.wav');
    write('shipped/a.wav');
    write('shipped/c.wav');
    expect(await bench.file('a.wav')).toBe(join(dir, 'sounds/a.wav'));
    expect(await bench.file('deep/b.wav')).toBe(join(dir, 'sounds/deep/b.wav'));
    expect(await bench.file('c.wav')).toBe(join(dir, 'shipped/c.wav'));
    expect(await bench.sounds.resolve({ kind: 'music', file: 'c.wav' })).toEqual([
      { file: join(dir, 'shipped/c.wav') },
    ]);
    expect(await refusal(bench.file('gone.wav'))).toContain('not_found: there is no gone.wav');
    expect(await refusal(bench.file('deep'))).toContain('not_found');
  });

  it('no name a bot sends finds a file that is not below them', async () => {
    write('secret.wav');
    const bench = new SoundsBench(dir);
    const secret = join(dir, 'secret.wav');
    for (const name of [
      '../secret.wav',
      'deep/../../secret.wav',
      './../secret.wav',
      secret,
      `file://${secret}`,
    ])
      expect(await refusal(bench.file(name))).toMatch(/^not_found/);
    const pieces = fc.constantFrom(
      '..',
      '.',
      '/',
      'deep',
      'secret.wav',
      '\\',
      '\0',
      '%2e%2e',
      '//',
      'sounds',
    );
    await fc.assert(
      fc.asyncProperty(fc.array(pieces, { maxLength: 7 }), async (parts) => {
        expect(await refusal(bench.file(parts.join('')))).toMatch(/^not_found/);
      }),
      { numRuns: 500 },
    );
  });

  it('a full path is played only when the configuration has it', async () => {
    write('mine.wav');
    write('other.wav');
    const bench = new SoundsBench(dir, { files: [join(dir, 'mine.wav')] });
    expect(await bench.file(join(dir, 'mine.wav'))).toBe(join(dir, 'mine.wav'));
    expect(await refusal(bench.file(join(dir, 'other.wav')))).toContain('the configuration does not have it');
  });

  it('are checked, and again when they have changed', async () => {
    const bench = new SoundsBench(dir);
    write('sounds/a.wav', wavOf(new Int16Array(8), 44_100));
    expect(await refusal(bench.file('a.wav'))).toContain('not_playable');
    expect(await refusal(bench.file('a.wav'))).toContain('44100 samples a second');
    write('sounds/a.wav', wavOf(new Int16Array(9), 16_000));
    expect(await bench.file('a.wav')).toBe(join(dir, 'sounds/a.wav'));
    write('sounds/a.wav', 'no longer');
    expect(await refusal(bench.file('a.wav'))).toContain('is no WAV file');
  });

  it('have the names of the machine that plays them', async () => {
    write('sounds/deep/b.wav');
    const speech = new FakeSpeech();
    const settings = {
      mediaDir: '/usr/share/fs',
      cacheDir: join(dir, 'sounds/cache'),
      files: ['/theirs/x.wav', join(dir, 'sounds/deep/b.wav')],
    };
    const bench = new SoundsBench(dir, settings, { speech });
    expect(await bench.file('deep/b.wav')).toBe('/usr/share/fs/deep/b.wav');
    expect(await bench.file(join(dir, 'sounds/deep/b.wav'))).toBe('/usr/share/fs/deep/b.wav');
    expect(await bench.file('/theirs/x.wav')).toBe('/theirs/x.wav');
    expect(await bench.say('Hello')).toMatch(/^\/usr\/share\/fs\/cache\/[0-9a-f]{40}\.wav$/);
  });

  it('a ringback is a tone, and an empty message nothing', async () => {
    const { sounds } = new SoundsBench(dir);
    expect(await sounds.resolve({ kind: 'ringback' })).toEqual([{ tone: '%(2000,4000,440,480)' }]);
    expect(await refusal(sounds.resolve({ kind: 'message', message: {} }))).toContain('says nothing');
  });
});

describe('texts', () => {
  it('are spoken once and kept; another engine finds them', async () => {
    const speech = new FakeSpeech();
    const bench = new SoundsBench(dir, {}, { speech });
    const path = await bench.say('All agents\n are  busy.');
    const spoken = readFileSync(path);
    expect([...samplesOf(spoken, readWavFormat(spoken))]).toEqual(
      [...Buffer.from('All agents are busy.')].map((byte) => byte * 100),
    );
    expect(await bench.say(' All agents are busy. ')).toBe(path);
    expect(await new SoundsBench(dir, {}, { speech }).say('All agents are busy.')).toBe(path);
    expect(speech.asked).toEqual(['All agents are busy.']);
  });

  it('that many want at once are spoken once', async () => {
    const speech = new FakeSpeech();
    const bench = new SoundsBench(dir, {}, { speech });
    const paths = await Promise.all(Array.from({ length: 50 }, () => bench.say('One moment.')));
    expect(new Set(paths).size).toBe(1);
    expect(speech.asked).toHaveLength(1);
    expect(cached()).toHaveLength(1);
  });

  it('another voice says them anew', async () => {
    const [ann, bob] = [new FakeSpeech(), new FakeSpeech()];
    Object.assign(bob, { identity: 'bob' });
    const first = await new SoundsBench(dir, {}, { speech: ann }).say('Hello');
    expect(await new SoundsBench(dir, {}, { speech: bob }).say('Hello')).not.toBe(first);
    expect(bob.asked).toEqual(['Hello']);
  });

  it('are resampled to what every media server plays', async () => {
    const speech = new FakeSpeech();
    speech.answer = () => Promise.resolve(wavOf(new Int16Array(22_050), 22_050));
    const wav = readFileSync(await new SoundsBench(dir, {}, { speech }).say('Hello'));
    expect(readWavFormat(wav)).toMatchObject({ rate: 8000, dataBytes: 16_000 });
  });

  it('are not to be had without speech, when empty, or when what came is no audio', async () => {
    const speech = new FakeSpeech();
    const bench = new SoundsBench(dir, {}, { speech });
    expect(await refusal(new SoundsBench(dir).say('Hello'))).toContain('speech_failed: there is no speech');
    expect(await refusal(bench.say(' \n\0 '))).toContain('not_found: the text is empty');
    speech.answer = () => Promise.resolve(Buffer.from('<html>'));
    expect(await refusal(bench.say('Hello'))).toBe('not_playable: the audio is no WAV file');
    expect(cached()).toEqual([]);
    speech.answer = (text) => Promise.resolve(wavSaying(text));
    expect(await bench.say('Hello')).toContain(dir);
  });

  it('are given up at the deadline, and speech that is always too slow is left alone for a while', async () => {
    const speech = new FakeSpeech();
    const limits = { speakMs: 1000, slowInARow: 3, restMs: 10_000 };
    const bench = new SoundsBench(dir, {}, { speech, limits });
    for (const text of ['one', 'two', 'three']) {
      const begun = new Promise<AbortSignal>((resolve) => {
        speech.answer = (_, signal) => new Promise(() => resolve(signal));
      });
      const said = refusal(bench.say(text));
      const signal = await begun;
      bench.clock.advance(1000);
      expect(await said).toBe('timeout: not there within 1000 ms');
      expect(signal.aborted).toBe(true);
    }
    speech.answer = (text) => Promise.resolve(wavSaying(text));
    expect(await refusal(bench.say('four'))).toContain('rests for a while');
    bench.clock.advance(10_000);
    expect(await bench.say('four')).toContain(dir);
    expect(speech.asked).toEqual(['one', 'two', 'three', 'four']);
    expect(bench.clock.pending).toBe(0);
  });

  it('are spoken a few at a time, and one that waited too long leaves the queue', async () => {
    const speech = new FakeSpeech();
    const finish = new Map<string, () => void>();
    speech.answer = (text) => new Promise((resolve) => finish.set(text, () => resolve(wavSaying(text))));
    const bench = new SoundsBench(dir, {}, { speech, limits: { speakMs: 1000, parallel: 1 } });
    const first = bench.say('first');
    await expect.poll(() => speech.asked).toEqual(['first']);
    bench.clock.advance(900);
    const late = refusal(bench.say('late'));
    await expect.poll(() => bench.clock.pending).toBe(4);
    finish.get('first')?.();
    await first;
    await expect.poll(() => speech.asked).toEqual(['first', 'late']);
    const waiting = refusal(bench.say('waiting'));
    await expect.poll(() => bench.clock.pending).toBe(4);
    bench.clock.advance(1000);
    expect(await late).toContain('timeout');
    expect(await waiting).toContain('timeout');
    expect(speech.asked).toEqual(['first', 'late']);
  });

  it('of the configuration are spoken before anybody waits; failures are logged, not thrown', async () => {
    const speech = new FakeSpeech();
    const warned: object[] = [];
    const log = {
      debug: () => undefined,
      info: () => undefined,
      warn: (fields: object) => void warned.push(fields),
      error: () => undefined,
    };
    speech.answer = (text) => Promise.resolve(text === 'bad' ? Buffer.alloc(0) : wavSaying(text));
    const bench = new SoundsBench(dir, {}, { speech, log });
    await bench.sounds.warm(['one', 'bad', 'one', 'two']);
    expect(speech.asked).toEqual(['one', 'bad', 'two']);
    expect(warned).toEqual([{ text: 'bad', problem: 'the audio is no WAV file' }]);
    await bench.say('two');
    expect(speech.asked).toHaveLength(3);
  });

  it('closing stops what is being spoken', async () => {
    const speech = new FakeSpeech();
    speech.answer = () => new Promise(() => undefined);
    const bench = new SoundsBench(dir, {}, { speech });
    const said = refusal(bench.say('Hello'));
    await expect.poll(() => speech.asked).toHaveLength(1);
    await bench.sounds.close();
    expect(await said).toContain('shutting down');
    expect(bench.clock.pending).toBe(0);
  });
});

describe('the cache', () => {
  /** 400,000 bytes of audio. */
  const large = () => Promise.resolve(wavOf(new Int16Array(200_000), 8000));

  it('is bounded: what was not used longest goes first', async () => {
    const speech = new FakeSpeech();
    speech.answer = large;
    const bench = new SoundsBench(dir, { cacheMaxMb: 1 }, { speech });
    const say = async (text: string) => {
      bench.clock.advance(1);
      return bench.say(text);
    };
    const [one, two] = [await say('one'), await say('two')];
    await say('one');
    const three = await say('three');
    expect(cached().sort()).toEqual(
      [one, three].map((path) => path.slice(join(dir, 'cache/').length)).sort(),
    );
    expect(await say('two')).toBe(two);
    expect(speech.asked).toEqual(['one', 'two', 'three', 'two']);
  });

  it('knows after a restart what is there and when it was used', async () => {
    const speech = new FakeSpeech();
    speech.answer = large;
    const before = new SoundsBench(dir, { cacheMaxMb: 1 }, { speech });
    const [one, two] = [await before.say('one'), await before.say('two')];
    const now = before.clock.now() / 1000;
    utimesSync(one, now - 100, now - 100);
    utimesSync(two, now - 200, now - 200);
    await new SoundsBench(dir, { cacheMaxMb: 1 }, { speech }).say('three');
    expect(cached()).toHaveLength(2);
    expect(() => statSync(two)).toThrow();
  });

  it('is filled again when somebody emptied it', async () => {
    const speech = new FakeSpeech();
    const bench = new SoundsBench(dir, {}, { speech });
    rmSync(await bench.say('one'));
    expect(readFileSync(await bench.say('one')).length).toBeGreaterThan(44);
    expect(speech.asked).toEqual(['one', 'one']);
  });

  it('drops what a crash left half written, and touches no file that is not its own', async () => {
    const bench = new SoundsBench(dir, {}, { speech: new FakeSpeech() });
    mkdirSync(join(dir, 'cache'));
    const [old, young] = ['1', '2'].map((c) => `.${c.repeat(40)}.wav.draft`);
    for (const name of [old, young, 'mine.txt', '.hidden']) write(`cache/${name}`, 'half');
    const longAgo = bench.clock.now() / 1000 - 7200;
    for (const name of [old, 'mine.txt', '.hidden'])
      utimesSync(join(dir, 'cache', name ?? ''), longAgo, longAgo);
    const path = await bench.say('one');
    expect(cached().sort()).toEqual([young, '.hidden', 'mine.txt', path.split('/').at(-1)].sort());
  });

  it('is not used where another user could have laid it out, and one that cannot be made is an error of its own', async () => {
    const speech = new FakeSpeech();
    mkdirSync(join(dir, 'open'));
    chmodSync(join(dir, 'open'), 0o777);
    mkdirSync(join(dir, 'theirs'));
    symlinkSync(join(dir, 'theirs'), join(dir, 'open/cache'));
    const foreign = new SoundsBench(dir, { cacheDir: join(dir, 'open/cache') }, { speech });
    expect(await refusal(foreign.say('one'))).toContain('belongs to somebody else');
    write('file');
    const bench = new SoundsBench(dir, { cacheDir: join(dir, 'file/cache') }, { speech });
    expect(await refusal(bench.say('one'))).toMatch(/^speech_failed: the cache cannot be used/);
    expect(speech.asked).toEqual([]);
  });
});
