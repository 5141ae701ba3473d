import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { mixInto, newFrame } from './frame.js';
import { PCMA, PCMU } from './g711.js';
import { resample } from './resample.js';
import { SoundLibrary } from './sounds.js';
import type { AudioSource } from './source.js';
import { parseTones, ToneSource } from './tone-stream.js';
import { parseWav, wavHeader, WavError } from './wav.js';
import { WavRecorder } from './wav-recorder.js';

/** All that a source plays, up to a number of frames. */
function drain(source: AudioSource, frames = 500): Int16Array {
  const all: number[] = [];
  for (let n = 0; n < frames; n++) {
    const frame = newFrame();
    const count = source.read(frame, 0);
    all.push(...frame.subarray(0, count));
    if (count < frame.length) break;
  }
  return Int16Array.from(all);
}

describe('G.711', () => {
  // Values of ITU-T G.711 tables 1a and 2a, scaled to 16 bit.
  it.each([
    [PCMU, 0xff, 0],
    [PCMU, 0x80, 32_124],
    [PCMU, 0x00, -32_124],
    [PCMU, 0xf0, 120],
    [PCMA, 0xd5, 8],
    [PCMA, 0x55, -8],
    [PCMA, 0xaa, 32_256],
    [PCMA, 0x2a, -32_256],
  ])('$name code %#', (codec, code, level) => {
    expect(codec.decode(Buffer.from([code]))[0]).toBe(level);
  });

  it.each([PCMU, PCMA])('$name: what is decoded is encoded back to the same level', (codec) => {
    for (let code = 0; code < 256; code++) {
      const frame = newFrame();
      frame[0] = codec.decode(Buffer.from([code]))[0] ?? 0;
      expect(codec.decode(codec.encode(frame))[0]).toBe(frame[0]);
    }
  });

  it.each([PCMU, PCMA])('$name: no sample is off by more than a quantization step', (codec) => {
    fc.assert(
      fc.property(fc.integer({ min: -32_000, max: 32_000 }), (sample) => {
        const frame = newFrame();
        frame[0] = sample;
        const back = codec.decode(codec.encode(frame))[0] ?? 0;
        expect(Math.abs(back - sample)).toBeLessThanOrEqual(Math.max(16, Math.abs(sample) / 16));
      }),
    );
  });
});

describe('mixing', () => {
  it('does not wrap around', () => {
    const target = newFrame().fill(30_000);
    mixInto(target, newFrame().fill(10_000));
    expect(target[0]).toBe(32_767);
    mixInto(target.fill(-30_000), newFrame().fill(-10_000));
    expect(target[0]).toBe(-32_768);
  });
});

describe('WAV', () => {
  const pcm = (data: Buffer): Buffer => Buffer.concat([wavHeader(8000, 1, data.length), data]);

  it('what it holds comes back', () => {
    const { rate, samples } = parseWav(pcm(Buffer.from([1, 0, 0xff, 0xff])));
    expect([rate, [...samples]]).toEqual([8000, [1, -1]]);
  });

  it('other chunks are skipped, odd sizes with their pad byte', () => {
    const file = pcm(Buffer.from([7, 0]));
    const list = Buffer.from('LIST\x03\x00\x00\x00abc\x00', 'latin1');
    const withList = Buffer.concat([file.subarray(0, 36), list, file.subarray(36)]);
    expect([...parseWav(withList).samples]).toEqual([7]);
  });

  it('a size that counts too much is cut to what is there', () => {
    const file = pcm(Buffer.from([1, 0, 2, 0]));
    file.writeUInt32LE(0xffffffff, 40);
    expect([...parseWav(file).samples]).toEqual([1, 2]);
  });

  it('anything else is an error, never a crash', () => {
    expect(() => parseWav(Buffer.from('hello'))).toThrow(WavError);
    const mp3 = pcm(Buffer.alloc(4));
    mp3.writeUInt16LE(0x55, 20);
    expect(() => parseWav(mp3)).toThrow(/format 85/);
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), (noise) => {
        const file = Buffer.concat([wavHeader(8000, 1, 4).subarray(0, 20), Buffer.from(noise)]);
        try {
          parseWav(file);
        } catch (error) {
          expect(error).toBeInstanceOf(WavError);
        }
      }),
    );
  });
});

describe('resampling', () => {
  const sine = (f: number, rate: number): Int16Array =>
    Int16Array.from({ length: rate / 2 }, (_, i) =>
      Math.round(8000 * Math.sin((2 * Math.PI * f * i) / rate)),
    );

  it.each([16_000, 44_100, 48_000, 11_025])(
    'from %i Hz: same length in time, same tone, same level',
    async (rate) => {
      const out = await resample(sine(1000, rate), rate, 8000);
      expect(Math.abs(out.length - 4000)).toBeLessThanOrEqual(1);
      const middle = out.subarray(500, 3500);
      const wanted = sine(1000, 8000).subarray(500, 3500);
      const error = middle.reduce((sum, s, i) => sum + (s - (wanted[i] ?? 0)) ** 2, 0) / middle.length;
      // 40 dB below the tone.
      expect(Math.sqrt(error)).toBeLessThan(57);
    },
  );

  it('what is above 4 kHz is gone by 40 dB', async () => {
    const out = await resample(sine(5000, 16_000), 16_000, 8000);
    const middle = out.subarray(500, 3500);
    const rms = Math.sqrt(middle.reduce((sum, s) => sum + s * s, 0) / middle.length);
    expect(rms).toBeLessThan(57);
  });
});

describe('tone_stream', () => {
  const samplesOf = (text: string): number =>
    drain(new ToneSource(parseTones(text) ?? { segments: [], rounds: 1 })).length;

  it.each([
    ['%(100,50,440)', 1200],
    ['%(100,50,440);loops=3', 3600],
    ['l=2;%(100,0,440)', 1600],
    ['d=100;w=100;12', 3200],
    ['v=-20;%(20,0,350,440)', 160],
  ])('%s lasts %i samples', (text, samples) => {
    expect(samplesOf(text)).toBe(samples);
  });

  it('loops=-1 has no end', () => {
    expect(samplesOf('%(20,0,440);loops=-1')).toBe(500 * 160);
  });

  it.each(['', 'hello', '%(1,2', 'v=x;1', '%(0,0,440)'])('"%s" is not the language', (text) => {
    expect(parseTones(text)).toBeNull();
  });

  it('volume is in dB below full scale', () => {
    const loudest = (text: string): number =>
      Math.max(...drain(new ToneSource(parseTones(text) ?? { segments: [], rounds: 1 })));
    expect(loudest('v=0;%(100,0,1000)')).toBeGreaterThan(32_000);
    expect(loudest('v=-20;%(100,0,1000)')).toBeCloseTo(3277, -2);
  });
});

describe('files', () => {
  let directory = '';
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'switchhook-audio-'));
  });
  afterEach(() => rmSync(directory, { recursive: true, force: true }));

  const recorder = (name: string, channels: 1 | 2 = 1): Promise<WavRecorder> =>
    WavRecorder.open(join(directory, name), channels, () => undefined);

  it('a recorder makes folders, and its file can be played', async () => {
    const one = await recorder('deep/er/one.wav');
    one.write(newFrame().fill(1000));
    await one.close();
    const sounds = new SoundLibrary(directory);
    const sound = await sounds.open('deep/er/one.wav');
    expect(sound?.path).toBe(join(directory, 'deep/er/one.wav'));
    expect(drain(sound?.source ?? new ToneSource({ segments: [], rounds: 1 }))).toEqual(
      newFrame().fill(1000),
    );
  });

  it('the header is true before the end: a crash costs at most the last half second', async () => {
    const one = await recorder('one.wav');
    for (let n = 0; n < 25; n++) one.write(newFrame().fill(n));
    await expect
      .poll(() => readFileSync(join(directory, 'one.wav')).readUInt32LE(40), { timeout: 5000 })
      .toBe(8000);
    await one.close();
  });

  it('what is written behind the end is not in the file', async () => {
    const one = await recorder('one.wav', 2);
    one.write(new Int16Array(320).fill(5));
    await one.close();
    one.write(new Int16Array(320).fill(5));
    await one.close();
    const file = readFileSync(join(directory, 'one.wav'));
    expect([file.length, file.readUInt32LE(40), file.readUInt16LE(22), one.samples]).toEqual([
      684, 640, 2, 160,
    ]);
  });

  it('a disk that is full from the start is an error, not an empty recording', async () => {
    // The one place of the system that is always full.
    const opening = WavRecorder.open('/dev/full', 1, () => undefined);
    await expect(opening).rejects.toMatchObject({ code: 'ENOSPC' });
  });

  /** A disk with so much room and no more. */
  const smallDisk = (room: number) => {
    const content = Buffer.alloc(room);
    let end = 0;
    const write = (bytes: Buffer, offset: number, length: number, position: number) => {
      const fits = Math.min(length, room - position);
      if (fits <= 0) return Promise.reject(new Error('ENOSPC: no space left on device'));
      bytes.copy(content, position, offset, offset + fits);
      end = Math.max(end, position + fits);
      return Promise.resolve({ bytesWritten: fits });
    };
    return { write, close: () => Promise.resolve(), content, end: () => end };
  };

  it('a disk that fills up is told once, and the header counts what is really there', async () => {
    const disk = smallDisk(44 + 20_000);
    const told: string[] = [];
    const one = await WavRecorder.into(disk, 'x.wav', 1, (error) => told.push(error.message));
    for (let n = 0; n < 100; n++) one.write(newFrame().fill(n));
    await one.close();
    expect(told).toEqual(['the disk took only a part']);
    expect([disk.content.readUInt32LE(40), disk.end()]).toEqual([20_000, 20_044]);
  });

  it.each(['/proc/no/such/place/a.wav', '/dev/null/a.wav'])(
    'a place where nothing can be made: %s',
    async (path) => {
      await expect(WavRecorder.open(path, 1, () => undefined)).rejects.toThrow();
    },
  );

  it('a file that changes is read again, one that does not only once', async () => {
    const sounds = new SoundLibrary(directory);
    const write = async (value: number, frames: number): Promise<void> => {
      const one = await recorder('a.wav');
      for (let n = 0; n < frames; n++) one.write(newFrame().fill(value));
      await one.close();
    };
    const first = async (): Promise<number | undefined> => {
      const sound = await sounds.open('a.wav');
      return sound === null ? undefined : drain(sound.source)[0];
    };
    await write(100, 1);
    expect(await first()).toBe(100);
    await write(200, 2);
    expect(await first()).toBe(200);
  });

  it('an offset in samples behind @@', async () => {
    const one = await recorder('a.wav');
    one.write(newFrame());
    one.write(newFrame().fill(9));
    await one.close();
    const sound = await new SoundLibrary(directory).open('a.wav@@160');
    expect(sound === null ? [] : [...drain(sound.source)]).toEqual([...newFrame().fill(9)]);
  });

  it.each(['missing.wav', 'http_cache://x', 'silence_stream://x', 'tone_stream://x'])(
    '"%s" is not there',
    async (name) => {
      expect(await new SoundLibrary(directory).open(name)).toBeNull();
    },
  );

  it('file_string is several in one, without what is not there; local_stream begins again', async () => {
    for (const [name, value] of [
      ['moh/1.wav', 1],
      ['moh/2.wav', 2],
    ] as const) {
      const one = await recorder(name);
      one.write(newFrame().fill(value));
      await one.close();
    }
    const sounds = new SoundLibrary(directory);
    const list = await sounds.open('file_string://moh/2.wav!gone.wav!moh/1.wav');
    expect(list === null ? [] : [...drain(list.source)]).toEqual([
      ...newFrame().fill(2),
      ...newFrame().fill(1),
    ]);
    const stream = await sounds.open('local_stream://moh');
    const frame = newFrame();
    const heard = Array.from({ length: 3 }, () => [stream?.source.read(frame, 0), frame[0]]);
    expect(heard).toEqual([
      [160, 1],
      [160, 2],
      [160, 1],
    ]);
    for (const name of ['file_string://gone.wav', 'local_stream://gone', 'local_stream://../moh'])
      expect([name, await sounds.open(name)]).toEqual([name, null]);
  });

  it('lists with the delimiter of the channel', () => {
    const sounds = new SoundLibrary(directory);
    expect(sounds.split('a!b', '!')).toEqual(['a', 'b']);
    expect(sounds.split('a!b', undefined)).toEqual(['a!b']);
  });
});
