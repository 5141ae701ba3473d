import { readFileSync } from 'node:fs';
import { readWavFormat } from '../audio/wav.js';

/** Where something is to be heard, in ms from the beginning. */
export interface Stretch {
  readonly from: number;
  readonly to: number;
}

/** Every WAV file of the demo: phones, recordings and the sounds that come with us. */
const PER_MS = 8;
const WINDOW_MS = 20;
/** Mean square below which there is nothing but the rounding of silence. */
const SILENT = 100 ** 2;
/** Share of the energy that makes a tone of a window; speech and music stay far below it. */
const TONE_SHARE = 0.6;
/** A break in a tone that is none: a packet that came too late. */
const BREAK_MS = 100;

/** The channels of a WAV file of 16 bit PCM, 8 kHz; `began` (ms since 1970) and other times are the caller's affair. */
export function channelsOf(file: string): readonly Int16Array[] {
  const bytes = readFileSync(file);
  const { channels, dataAt, rate } = readWavFormat(bytes);
  if (rate !== PER_MS * 1000) throw new Error(`${file}: ${rate} samples a second`);
  const frames = Math.floor((bytes.length - dataAt) / 2 / channels);
  return Array.from({ length: channels }, (_, channel) =>
    Int16Array.from({ length: frames }, (__, i) => bytes.readInt16LE(dataAt + (i * channels + channel) * 2)),
  );
}

export const msOf = (samples: Int16Array): number => samples.length / PER_MS;

/** How many ms of a stretch are not silent. */
export function soundIn(samples: Int16Array, { from, to }: Stretch): number {
  let ms = 0;
  for (const window of windows(samples.subarray(Math.max(0, from) * PER_MS, Math.max(0, to) * PER_MS)))
    if (power(window) > SILENT) ms += WINDOW_MS;
  return ms;
}

/** Where this tone is to be heard from its first to its last moment, `after` ms; `undefined`: nowhere. */
export function toneIn(samples: Int16Array, hz: number, after = 0): Stretch | undefined {
  let from: number | undefined;
  let to = 0;
  let at = after;
  for (const window of windows(samples.subarray(after * PER_MS))) {
    if (share(window, hz) > TONE_SHARE) {
      // A single window may be a moment of speech; a tone that goes on is a voice.
      if (from === undefined || (to - from < BREAK_MS && at - to > BREAK_MS)) from = at;
      to = at + WINDOW_MS;
    }
    at += WINDOW_MS;
  }
  return from === undefined || to - from < BREAK_MS ? undefined : { from, to };
}

function* windows(samples: Int16Array): Generator<Int16Array> {
  const size = WINDOW_MS * PER_MS;
  for (let at = 0; at + size <= samples.length; at += size) yield samples.subarray(at, at + size);
}

const power = (samples: Int16Array): number => energy(samples) / samples.length;

const energy = (samples: ArrayLike<number>): number => dot(samples, 0, samples, 0, samples.length);

/** Share of the energy at a frequency (Goertzel's algorithm), 0 to 1; 0 for silence. */
function share(samples: Int16Array, hz: number): number {
  if (power(samples) <= SILENT) return 0;
  const coefficient = 2 * Math.cos((2 * Math.PI * hz) / (PER_MS * 1000));
  let last = 0;
  let before = 0;
  for (const sample of samples) [last, before] = [sample + coefficient * last - before, last];
  const found = last ** 2 + before ** 2 - coefficient * last * before;
  return (2 * found) / (samples.length * energy(samples));
}

/** The part of a file that is looked for, in ms: behind its very beginning, which a switch may have cut. */
const PROBE = { from: 200, to: 600 } as const;
/** Looking for it is done with one sample of four: the notes are low, and there are many places. */
const COARSE = 4;
const LIKE = { found: 0.8, goesOn: 0.5 } as const;
const STEP_MS = 100;

/** Where a file that begins somewhere is to be heard, also when it is looped; `undefined`: nowhere. */
export function fileIn(samples: Int16Array, file: Int16Array): Stretch | undefined {
  const probe = coarse(file.subarray(PROBE.from * PER_MS, PROBE.to * PER_MS));
  const place = bestPlace(coarse(samples), probe);
  if (place === undefined) return undefined;
  const begin = refine(samples, file, place * COARSE - PROBE.from * PER_MS);
  const step = STEP_MS * PER_MS;
  const goesOn = (at: number): boolean => {
    const in0 = (((at - begin) % file.length) + file.length) % file.length;
    const size = Math.min(step, file.length - in0, samples.length - at);
    return likeness(samples, at, file, in0, size) > LIKE.goesOn;
  };
  let from = begin + PROBE.from * PER_MS;
  while (from - step >= Math.max(0, begin) && goesOn(from - step)) from -= step;
  let to = begin + PROBE.to * PER_MS;
  while (to + step <= samples.length && goesOn(to)) to += step;
  return { from: from / PER_MS, to: to / PER_MS };
}

function bestPlace(samples: Float64Array, probe: Float64Array): number | undefined {
  let best = { at: -1, like: LIKE.found as number };
  for (let at = 0; at + probe.length <= samples.length; at++) {
    const like = likeness(samples, at, probe, 0, probe.length);
    if (like > best.like) best = { at, like };
  }
  return best.at < 0 ? undefined : best.at;
}

/** The exact place near one that was found by a coarse look. */
function refine(samples: Int16Array, file: Int16Array, near: number): number {
  const size = (PROBE.to - PROBE.from) * PER_MS;
  const likeAt = (begin: number): number =>
    likeness(samples, begin + PROBE.from * PER_MS, file, PROBE.from * PER_MS, size);
  const places = Array.from({ length: 2 * COARSE + 1 }, (_, i) => near - COARSE + i);
  return places.reduce((best, place) => (likeAt(place) > likeAt(best) ? place : best), near);
}

function coarse(samples: Int16Array): Float64Array {
  const mean = new Float64Array(Math.floor(samples.length / COARSE));
  for (let i = 0; i < mean.length; i++)
    for (let k = 0; k < COARSE; k++) mean[i] = (mean[i] ?? 0) + (samples[i * COARSE + k] ?? 0) / COARSE;
  return mean;
}

/** Correlation, -1 to 1; 0 where either is silent. */
function likeness(a: ArrayLike<number>, aAt: number, b: ArrayLike<number>, bAt: number, n: number): number {
  const energies = dot(a, aAt, a, aAt, n) * dot(b, bAt, b, bAt, n);
  return energies < (n * SILENT) ** 2 / 100 ? 0 : dot(a, aAt, b, bAt, n) / Math.sqrt(energies);
}

function dot(a: ArrayLike<number>, aAt: number, b: ArrayLike<number>, bAt: number, n: number): number {
  let sum = 0;
  for (let i = 0; i < n; i++) sum += (a[aAt + i] ?? 0) * (b[bAt + i] ?? 0);
  return sum;
}
