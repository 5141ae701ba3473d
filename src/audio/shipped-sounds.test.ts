import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readWavFormat, samplesOf, whyUnplayable } from './wav.js';

const dir = join(import.meta.dirname, '../../config/sounds');

describe('sounds that come with Switchhook', () => {
  it.each([
    ['moh.wav', 10],
    ['sorry.wav', 1],
  ])('%s can be played, and is as loud as a voice', (name, seconds) => {
    const bytes = readFileSync(join(dir, name));
    const format = readWavFormat(bytes);
    expect(whyUnplayable(format)).toBeUndefined();
    const samples = samplesOf(bytes, format);
    expect(samples.length / format.rate).toBeGreaterThan(seconds);
    const peak = samples.reduce((most, sample) => Math.max(most, Math.abs(sample)), 0);
    expect(20 * Math.log10(peak / 32_768)).toBeGreaterThan(-12);
    expect(20 * Math.log10(peak / 32_768)).toBeLessThan(-6);
  });

  it('the music has no seam: its end runs into its beginning', () => {
    const bytes = readFileSync(join(dir, 'moh.wav'));
    const samples = samplesOf(bytes, readWavFormat(bytes));
    const steps = samples.map((sample, i) => Math.abs(sample - (samples.at(i - 1) ?? 0)));
    const largest = steps.subarray(1).reduce((most, step) => Math.max(most, step), 0);
    expect(steps[0]).toBeLessThanOrEqual(largest);
  });
});
