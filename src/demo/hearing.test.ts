import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { wavOf } from '../audio/wav.js';
import { HOLD_MUSIC } from './demo-voice.js';
import { channelsOf, fileIn, soundIn, toneIn } from './hearing.js';

const samples = (ms: number, at: (i: number) => number): Int16Array =>
  Int16Array.from({ length: ms * 8 }, (_, i) => Math.round(at(i)));
const silence = (ms: number): Int16Array => samples(ms, () => 0);
const tone = (ms: number, hz: number): Int16Array =>
  samples(ms, (i) => 6000 * Math.sin((2 * Math.PI * hz * i) / 8000));
/** Two tones and their harmonies: sound that is no tone. */
const words = (ms: number): Int16Array =>
  samples(ms, (i) => [210, 430, 650, 900].reduce((sum, hz) => sum + 1500 * Math.sin((i * hz) / 1273), 0));
const join16 = (...parts: readonly Int16Array[]): Int16Array => {
  const all = new Int16Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
};
const [music = new Int16Array()] = channelsOf(HOLD_MUSIC);
const part = (fromMs: number, toMs: number): Int16Array => music.subarray(fromMs * 8, toMs * 8);

describe('what a tape holds', () => {
  it('a tone: from its first moment to its last', () => {
    const tape = join16(silence(500), words(400), tone(800, 660), silence(300));
    expect(toneIn(tape, 660)).toEqual({ from: 900, to: 1700 });
    expect(toneIn(tape, 440)).toBeUndefined();
  });

  it('a tone is not a moment of one, nor one before the time', () => {
    expect(toneIn(join16(tone(40, 660), silence(500)), 660)).toBeUndefined();
    const twice = join16(tone(40, 660), silence(960), tone(400, 660));
    expect(toneIn(twice, 660)).toEqual({ from: 1000, to: 1400 });
    expect(toneIn(join16(tone(500, 660), silence(500)), 660, 600)).toBeUndefined();
  });

  it('sound, whatever it is, in a stretch of it', () => {
    const tape = join16(silence(500), words(400), silence(600), tone(200, 440));
    expect(soundIn(tape, { from: 0, to: 1700 })).toBe(600);
    expect(soundIn(tape, { from: 0, to: 800 })).toBe(300);
    expect(soundIn(tape, { from: 900, to: 1500 })).toBe(0);
  });

  it('a file, wherever it begins', () => {
    const { from, to } = fileIn(join16(words(730), part(0, 2500), tone(900, 660)), music)!;
    expect(from).toBeCloseTo(730, 0);
    expect(to).toBeGreaterThanOrEqual(3130);
    expect(to).toBeLessThanOrEqual(3240);
  });

  it('a file that begins again', () => {
    const { from, to } = fileIn(join16(silence(100), music, part(0, 1000), silence(500)), music)!;
    expect(to - from).toBeGreaterThan(music.length / 8 + 700);
  });

  it('no file where there is another sound, or its end only', () => {
    expect(fileIn(join16(words(2000), tone(1000, 660)), music)).toBeUndefined();
    expect(fileIn(silence(3000), music)).toBeUndefined();
    expect(fileIn(part(5000, 7000), music)).toBeUndefined();
  });
});

it('a WAV file with two channels is read one by one', () => {
  const dir = mkdtempSync(join(tmpdir(), 'switchhook-hearing-'));
  const file = wavOf(Int16Array.from([1, -1, 2, -2, 3, -3]), 8000);
  file.writeUInt16LE(2, 22);
  writeFileSync(join(dir, 'two.wav'), file);
  expect(channelsOf(join(dir, 'two.wav')).map((channel) => [...channel])).toEqual([
    [1, 2, 3],
    [-1, -2, -3],
  ]);
  rmSync(dir, { recursive: true });
});
