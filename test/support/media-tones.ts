/** Goertzel detection: how much of the energy of 8 kHz audio lies at one frequency. */

const RATE = 8000;

/** Share of the energy at a frequency, 0 (none) to 1 (nothing else); 0 for silence. */
export function shareAt(samples: Int16Array, frequency: number): number {
  const energy = samples.reduce((sum, s) => sum + s * s, 0);
  // Below this it is G.711's rounding of silence, not sound.
  if (energy / samples.length < 100) return 0;
  const coefficient = 2 * Math.cos((2 * Math.PI * frequency) / RATE);
  let previous = 0;
  let before = 0;
  for (const sample of samples) {
    const now = sample + coefficient * previous - before;
    before = previous;
    previous = now;
  }
  const power = previous ** 2 + before ** 2 - coefficient * previous * before;
  return Math.min(1, (2 * power) / (samples.length * energy));
}

export const hasTone = (samples: Int16Array, frequency: number): boolean =>
  shareAt(samples, frequency) > 0.15;

/** Those of the frequencies that are there. */
export const tonesIn = (samples: Int16Array, frequencies: readonly number[]): number[] =>
  frequencies.filter((f) => hasTone(samples, f));

export const isSilent = (samples: Int16Array): boolean =>
  samples.reduce((sum, s) => sum + Math.abs(s), 0) / Math.max(1, samples.length) < 20;

/** A sine of that frequency. */
export function sine(frequency: number, milliseconds: number, rate = RATE, amplitude = 8000): Int16Array {
  const length = Math.round((milliseconds * rate) / 1000);
  return Int16Array.from({ length }, (_, i) =>
    Math.round(amplitude * Math.sin((2 * Math.PI * frequency * i) / rate)),
  );
}
