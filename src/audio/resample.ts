import { setImmediate as nextTurn } from 'node:timers/promises';

/** Zero crossings of the filter on each side: stop band below -60 dB, which G.711 cannot show. */
const LOBES = 10;
/** Of the band that the slower of the two rates can carry: the rest is the filter's slope. */
const PASSBAND = 0.92;
/** Samples made at a stretch, about a millisecond of work, so that calls are not kept waiting. */
const STRETCH = 8000;

/** Audio at another rate, by a polyphase windowed sinc; gives way to other work between stretches. */
export async function resample(samples: Int16Array, from: number, to: number): Promise<Int16Array> {
  if (from === to) return samples;
  const divisor = gcd(from, to);
  const [up, down] = [to / divisor, from / divisor];
  const filter = new Filter(up, down);
  const out = new Int16Array(Math.floor((samples.length * up) / down));
  for (let start = 0; start < out.length; start += STRETCH) {
    if (start > 0) await nextTurn();
    const end = Math.min(out.length, start + STRETCH);
    for (let n = start; n < end; n++) out[n] = filter.at(samples, n);
  }
  return out;
}

class Filter {
  /** Samples on each side that one output sample is made of. */
  private readonly reach: number;
  private readonly phases: readonly Float64Array[];

  constructor(
    private readonly up: number,
    private readonly down: number,
  ) {
    const cutoff = PASSBAND * Math.min(1, up / down);
    this.reach = Math.ceil(LOBES / cutoff);
    this.phases = Array.from({ length: up }, (_, phase) => this.taps(phase / up, cutoff));
  }

  at(samples: Int16Array, n: number): number {
    const position = n * this.down;
    const before = Math.floor(position / this.up);
    const taps = this.phases[position % this.up] ?? new Float64Array(0);
    const first = before - this.reach + 1;
    const end = Math.min(taps.length, samples.length - first);
    let sum = 0;
    // Beyond the edges there is silence.
    for (let i = Math.max(0, -first); i < end; i++) sum += (samples[first + i] ?? 0) * (taps[i] ?? 0);
    return Math.max(-32_768, Math.min(32_767, Math.round(sum)));
  }

  /** Weights of the samples around a point this far behind one of them; together 1, so that loudness stays. */
  private taps(offset: number, cutoff: number): Float64Array {
    const taps = new Float64Array(2 * this.reach);
    let sum = 0;
    for (let i = 0; i < taps.length; i++) {
      const x = i - this.reach + 1 - offset;
      const weight = sinc(cutoff * x) * hann(x / this.reach);
      taps[i] = weight;
      sum += weight;
    }
    return taps.map((weight) => weight / sum);
  }
}

const sinc = (x: number): number => (x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x));

const hann = (x: number): number => (Math.abs(x) >= 1 ? 0 : 0.5 + 0.5 * Math.cos(Math.PI * x));

const gcd = (a: number, b: number): number => (b === 0 ? a : gcd(b, a % b));
