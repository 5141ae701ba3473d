// Writes config/sounds/*.wav, the sounds that come with Switchhook, note by note: `node scripts/make-sounds.mjs`.
// 16 bit PCM, 8 kHz, mono; the same bytes on every run.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

const RATE = 8000;
const dir = resolve(import.meta.dirname, '..', 'config', 'sounds');

/** Frequency of a MIDI note; 69 is the A of 440 Hz. */
const hertz = (note) => 440 * 2 ** ((note - 69) / 12);

/**
 * Adds one struck note: a few partials that die away, the higher the faster. Time runs round the end of the track, so
 * that a loop has no seam.
 */
function strike(track, atSeconds, note, { loudness, decaySeconds }) {
  const partials = [1, 0.4, 0.15, 0.05];
  const begin = Math.round(atSeconds * RATE);
  const length = Math.min(track.length, Math.round(decaySeconds * 5 * RATE));
  for (let i = 0; i < length; i++) {
    const t = i / RATE;
    const attack = Math.min(1, t / 0.008);
    let value = 0;
    for (const [k, share] of partials.entries()) {
      const f = hertz(note) * (k + 1);
      if (f < 3400)
        value += share * Math.sin(2 * Math.PI * f * t) * Math.exp((-t * (k + 1) ** 0.7) / decaySeconds);
    }
    track[(begin + i) % track.length] += loudness * attack * value;
  }
}

/** Six bars of a calm waltz in C: a bass note, its chord broken upwards, and a melody note now and then. */
function holdMusic() {
  const beat = 0.75;
  const bars = [
    { bass: 48, chord: [60, 64, 67], melody: 76 },
    { bass: 45, chord: [60, 64, 69], melody: 72 },
    { bass: 41, chord: [57, 60, 65], melody: 77 },
    { bass: 43, chord: [59, 62, 67], melody: 74 },
    { bass: 40, chord: [59, 64, 67], melody: 71 },
    { bass: 43, chord: [59, 62, 65], melody: 74 },
  ];
  const track = new Float64Array(Math.round(bars.length * 3 * beat * RATE));
  for (const [i, { bass, chord, melody }] of bars.entries()) {
    const begin = i * 3 * beat;
    strike(track, begin, bass, { loudness: 0.3, decaySeconds: 0.9 });
    for (const [k, note] of [...chord, chord[1] + 12, chord[2], chord[1]].entries())
      strike(track, begin + (k * beat) / 2, note, { loudness: 0.16, decaySeconds: 0.6 });
    strike(track, begin + beat, melody, { loudness: 0.2, decaySeconds: 0.8 });
  }
  return track;
}

/** Three bells going down: something did not work. */
function sorryChime() {
  const track = new Float64Array(2 * RATE);
  for (const [i, note] of [79, 76, 72].entries())
    strike(track, i * 0.35, note, { loudness: 0.35, decaySeconds: 0.25 });
  return track;
}

function wav(track) {
  const peak = track.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  const file = Buffer.alloc(44 + track.length * 2);
  file.write('RIFF', 0, 'latin1');
  file.writeUInt32LE(file.length - 8, 4);
  file.write('WAVEfmt ', 8, 'latin1');
  for (const [at, value] of [
    [16, 16],
    [24, RATE],
    [28, RATE * 2],
    [40, track.length * 2],
  ])
    file.writeUInt32LE(value, at);
  for (const [at, value] of [
    [20, 1],
    [22, 1],
    [32, 2],
    [34, 16],
  ])
    file.writeUInt16LE(value, at);
  file.write('data', 36, 'latin1');
  // 9 dB below full scale: about as loud as a voice on the telephone.
  track.forEach((value, i) => file.writeInt16LE(Math.round((value / peak) * 0.35 * 32767), 44 + i * 2));
  return file;
}

mkdirSync(dir, { recursive: true });
for (const [name, track] of Object.entries({ 'moh.wav': holdMusic(), 'sorry.wav': sorryChime() })) {
  writeFileSync(join(dir, name), wav(track));
  process.stdout.write(`config/sounds/${name}: ${(track.length / RATE).toFixed(1)} s\n`);
}
