import { clip } from './frame.js';

/** Zero crossings of the windowed sinc on each side: stop band below -60 dB, which G.711 cannot tell from silence. */
const LOBES = 16;

/** Samples made in one go: a millisecond or two, so that no stream waits for somebody else's file. */
const CHUNK = 8000;

/** Converts between sample rates with a windowed-sinc low-pass at the lower of both Nyquist frequencies. */
export async function resample(input: Int16Array, fromRate: number, toRate: number): Promise<Int16Array> {
  if (fromRate === toRate) return input;
  const ratio = fromRate / toRate;
  const cutoff = Math.min(1, toRate / fromRate);
  const reach = Math.ceil(LOBES / cutoff);
  const output = new Int16Array(Math.floor(input.length / ratio));
  const kernels = new Map<number, Float64Array>();
  for (let n = 0; n < output.length; n++) {
    if (n % CHUNK === CHUNK - 1) await new Promise((resolve) => setImmediate(resolve));
    const center = n * ratio;
    const first = Math.floor(center);
    // Rates in whole numbers give few different phases, so kernels are worth keeping.
    const phase = Math.round((center - first) * 4096);
    let kernel = kernels.get(phase);
    if (kernel === undefined) kernels.set(phase, (kernel = sinc(phase / 4096, cutoff, reach)));
    let sum = 0;
    for (let k = -reach; k <= reach; k++) sum += (input[first + k] ?? 0) * (kernel[k + reach] ?? 0);
    output[n] = clip(Math.round(sum));
  }
  return output;
}

function sinc(phase: number, cutoff: number, reach: number): Float64Array {
  const kernel = new Float64Array(2 * reach + 1);
  let total = 0;
  for (let k = -reach; k <= reach; k++) {
    const x = k - phase;
    const window = 0.5 + 0.5 * Math.cos((Math.PI * x) / (reach + 1));
    const value = x === 0 ? cutoff : Math.sin(Math.PI * x * cutoff) / (Math.PI * x);
    kernel[k + reach] = value * window;
    total += value * window;
  }
  // Unit gain at 0 Hz, whatever the phase: otherwise the phases would be heard as a tone.
  return kernel.map((value) => value / total);
}
