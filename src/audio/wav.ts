/** What a WAV file says of its audio. */
export interface WavFormat {
  readonly encoding: 'pcm' | 'alaw' | 'ulaw' | 'other';
  readonly channels: number;
  /** Samples per second. */
  readonly rate: number;
  /** Per sample. */
  readonly bits: number;
  /** Where the audio begins in the file, and how long it claims to be; a writer to a pipe claims too much. */
  readonly dataAt: number;
  readonly dataBytes: number;
}

/** The bytes are no WAV file, or not one for a telephone; the message completes "the file ...". */
export class WavError extends Error {
  override readonly name = 'WavError';
}

const ENCODINGS: Readonly<Record<number, WavFormat['encoding']>> = { 1: 'pcm', 6: 'alaw', 7: 'ulaw' };
const EXTENSIBLE = 0xfffe;

/**
 * Reads the header of a RIFF WAVE file; its first 64 KiB are enough, whatever tags stand before the audio.
 *
 * @throws WavError
 */
export function readWavFormat(bytes: Buffer): WavFormat {
  if (bytes.toString('latin1', 0, 4) !== 'RIFF' || bytes.toString('latin1', 8, 12) !== 'WAVE')
    throw new WavError('is no WAV file');
  let format: Omit<WavFormat, 'dataAt' | 'dataBytes'> | null = null;
  for (let at = 12; at + 8 <= bytes.length;) {
    const id = bytes.toString('latin1', at, at + 4);
    const size = bytes.readUInt32LE(at + 4);
    if (id === 'fmt ') format = formatIn(bytes.subarray(at + 8, at + 8 + size));
    if (id === 'data' && format !== null) return { ...format, dataAt: at + 8, dataBytes: size };
    at += 8 + size + (size % 2);
  }
  throw new WavError('holds no audio');
}

function formatIn(chunk: Buffer): Omit<WavFormat, 'dataAt' | 'dataBytes'> {
  if (chunk.length < 16) throw new WavError('is a broken WAV file');
  const tag = chunk.readUInt16LE(0);
  const code = tag === EXTENSIBLE && chunk.length >= 26 ? chunk.readUInt16LE(24) : tag;
  return {
    encoding: ENCODINGS[code] ?? 'other',
    channels: chunk.readUInt16LE(2),
    rate: chunk.readUInt32LE(4),
    bits: chunk.readUInt16LE(14),
  };
}

const CONVERT = 'convert it: sox IN.wav -r 8000 -c 1 -b 16 OUT.wav';

/** Why media servers may not play this as it is, completing "the file ..."; `undefined` when they all do. */
export function whyUnplayable({ encoding, bits, channels, rate, dataBytes }: WavFormat): string | undefined {
  if (encoding !== 'pcm' || bits !== 16) return `is not 16 bit PCM; ${CONVERT}`;
  if (channels !== 1) return `has ${channels} channels, not one; ${CONVERT}`;
  if (rate !== 8000 && rate !== 16_000) return `has ${rate} samples a second, not 8000 or 16000; ${CONVERT}`;
  return dataBytes === 0 ? 'holds no audio' : undefined;
}

/** The samples of a 16 bit PCM file; several channels are mixed down, and what is cut off at the end is left out. */
export function samplesOf(bytes: Buffer, { channels, dataAt, dataBytes }: WavFormat): Int16Array {
  const there = Math.min(dataBytes, bytes.length - dataAt);
  // A copy is aligned; every machine Node runs on is little-endian, as WAV is.
  const copy = new Uint8Array(there & ~1);
  copy.set(bytes.subarray(dataAt, dataAt + copy.length));
  const all = new Int16Array(copy.buffer);
  if (channels === 1) return all;
  const samples = new Int16Array(Math.floor(all.length / channels));
  for (let i = 0; i < samples.length; i++) {
    let sum = 0;
    for (let c = 0; c < channels; c++) sum += all[i * channels + c] ?? 0;
    samples[i] = Math.round(sum / channels);
  }
  return samples;
}

/** A WAV file of 16 bit PCM, one channel. */
export function wavOf(samples: Int16Array, rate: number): Buffer {
  const file = Buffer.alloc(44 + samples.length * 2);
  file.write('RIFF', 0, 'latin1');
  file.writeUInt32LE(file.length - 8, 4);
  file.write('WAVEfmt ', 8, 'latin1');
  file.writeUInt32LE(16, 16);
  file.writeUInt16LE(1, 20);
  file.writeUInt16LE(1, 22);
  file.writeUInt32LE(rate, 24);
  file.writeUInt32LE(rate * 2, 28);
  file.writeUInt16LE(2, 32);
  file.writeUInt16LE(16, 34);
  file.write('data', 36, 'latin1');
  file.writeUInt32LE(samples.length * 2, 40);
  file.set(new Uint8Array(samples.buffer, samples.byteOffset, samples.byteLength), 44);
  return file;
}
