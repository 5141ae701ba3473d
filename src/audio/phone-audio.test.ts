import { describe, expect, it } from 'vitest';
import { phoneAudio } from './phone-audio.js';
import { readWavFormat, samplesOf, WavError, wavOf, whyUnplayable } from './wav.js';

const tone = (hertz: number, rate: number, seconds = 1, amplitude = 10_000): Int16Array =>
  Int16Array.from({ length: rate * seconds }, (_, i) =>
    Math.round(amplitude * Math.sin((2 * Math.PI * hertz * i) / rate)),
  );

/** Amplitude of one frequency (Goertzel), edges left out. */
function amplitudeAt(samples: Int16Array, hertz: number, rate: number): number {
  const middle = samples.subarray(rate / 10, samples.length - rate / 10);
  let re = 0;
  let im = 0;
  for (const [i, sample] of middle.entries()) {
    re += sample * Math.cos((2 * Math.PI * hertz * i) / rate);
    im += sample * Math.sin((2 * Math.PI * hertz * i) / rate);
  }
  return (2 * Math.hypot(re, im)) / middle.length;
}

async function heard(bytes: Buffer): Promise<Int16Array> {
  const wav = await phoneAudio(bytes);
  const format = readWavFormat(wav);
  expect(whyUnplayable(format)).toBeUndefined();
  expect(format.rate).toBe(8000);
  return samplesOf(wav, format);
}

describe('phoneAudio', () => {
  it.each([8000, 11_025, 16_000, 22_050, 24_000, 44_100, 48_000])(
    'keeps a voice at %i Hz as loud as it was',
    async (rate) => {
      for (const hertz of [300, 1000, 3000]) {
        const samples = await heard(wavOf(tone(hertz, rate), rate));
        expect(samples.length).toBe(8000);
        expect(Math.abs(amplitudeAt(samples, hertz, 8000) - 10_000)).toBeLessThan(300);
      }
    },
  );

  it.each([16_000, 22_050, 48_000])('lets nothing above 4 kHz fold back (%i Hz)', async (rate) => {
    for (const hertz of [5000, 6500]) {
      const samples = await heard(wavOf(tone(hertz, rate), rate));
      // 50 dB below.
      expect(amplitudeAt(samples, 8000 - hertz, 8000)).toBeLessThan(32);
    }
  });

  it('mixes two channels down', async () => {
    const both = Int16Array.from([1000, 3000, -2000, 0, 32_767, 32_767]);
    const wav = wavOf(both, 8000);
    wav.writeUInt16LE(2, 22);
    expect([...(await heard(wav))]).toEqual([2000, -1000, 32_767]);
  });

  it('takes what a writer to a pipe leaves: sizes larger than the file', async () => {
    const wav = wavOf(tone(440, 8000), 8000);
    wav.writeUInt32LE(0x7fff_f000, 40);
    wav.writeUInt32LE(0x7fff_f024, 4);
    expect((await heard(wav)).length).toBe(8000);
  });

  it('reads past other chunks', async () => {
    const plain = wavOf(Int16Array.from([1, 2, 3]), 8000);
    const list = Buffer.concat([Buffer.from('LIST\x05\0\0\0abcde\0', 'latin1')]);
    const tagged = Buffer.concat([plain.subarray(0, 36), list, plain.subarray(36)]);
    expect([...(await heard(tagged))]).toEqual([1, 2, 3]);
  });

  const edited = (edit: (wav: Buffer) => void): Buffer => {
    const wav = wavOf(tone(440, 8000, 0.01), 8000);
    edit(wav);
    return wav;
  };
  it.each([
    ['nothing', Buffer.alloc(0), 'is no WAV file'],
    ['a page', Buffer.from('<html>'.repeat(20)), 'is no WAV file'],
    ['an MP3 file', Buffer.from('ID3\x04'.repeat(20)), 'is no WAV file'],
    ['a header alone', wavOf(new Int16Array(0), 8000), 'holds no audio'],
    ['a cut header', wavOf(new Int16Array(4), 8000).subarray(0, 20), 'is a broken WAV file'],
    ['8 bits', edited((wav) => wav.writeUInt16LE(8, 34)), 'is not 16 bit PCM'],
    ['floats', edited((wav) => wav.writeUInt16LE(3, 20)), 'is not 16 bit PCM'],
    ['no channel', edited((wav) => wav.writeUInt16LE(0, 22)), 'has 0 channels'],
    ['six channels', edited((wav) => wav.writeUInt16LE(6, 22)), 'has 6 channels'],
    ['4 kHz', edited((wav) => wav.writeUInt32LE(4000, 24)), 'has 4000 samples a second'],
    ['192 kHz', edited((wav) => wav.writeUInt32LE(192_000, 24)), 'has 192000 samples a second'],
  ])('%s is refused', async (_, bytes, why) => {
    const refusal = await phoneAudio(bytes).catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(WavError);
    expect(String(refusal)).toContain(why);
  });
});
