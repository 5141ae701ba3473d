import { PCMA, PCMU } from './g711.js';

/** Samples of a WAV file as they stand in it. */
export interface WavAudio {
  readonly rate: number;
  /** One channel: several are mixed down. */
  readonly samples: Int16Array;
}

/** The bytes are not a WAV file this server plays; the message says why. */
export class WavError extends Error {
  override readonly name = 'WavError';
}

const PCM = 1;
const ALAW = 6;
const ULAW = 7;
const EXTENSIBLE = 0xfffe;

interface Format {
  readonly kind: number;
  readonly channels: number;
  readonly rate: number;
  readonly bits: number;
}

/** Reads 16 bit PCM and G.711 WAV of any rate. @throws WavError */
export function parseWav(bytes: Buffer): WavAudio {
  if (bytes.toString('latin1', 0, 4) !== 'RIFF' || bytes.toString('latin1', 8, 12) !== 'WAVE')
    throw new WavError('not a WAV file');
  let format: Format | null = null;
  for (let at = 12; at + 8 <= bytes.length;) {
    const id = bytes.toString('latin1', at, at + 4);
    const size = bytes.readUInt32LE(at + 4);
    const chunk = bytes.subarray(at + 8, Math.min(bytes.length, at + 8 + size));
    if (id === 'fmt ') format = readFormat(chunk);
    // A writer that was stopped leaves a size that is too small or too large: what is there counts.
    if (id === 'data' && format !== null) return { rate: format.rate, samples: mono(chunk, format) };
    at += 8 + size + (size % 2);
  }
  throw new WavError('no audio in the WAV file');
}

function readFormat(chunk: Buffer): Format {
  if (chunk.length < 16) throw new WavError('broken format chunk');
  const tag = chunk.readUInt16LE(0);
  const kind = tag === EXTENSIBLE && chunk.length >= 26 ? chunk.readUInt16LE(24) : tag;
  const format = {
    kind,
    channels: chunk.readUInt16LE(2),
    rate: chunk.readUInt32LE(4),
    bits: chunk.readUInt16LE(14),
  };
  const known =
    (kind === PCM && format.bits === 16) || ((kind === ALAW || kind === ULAW) && format.bits === 8);
  if (!known) throw new WavError(`format ${kind} with ${format.bits} bits is not 16 bit PCM or G.711`);
  if (format.channels < 1 || format.rate < 4000 || format.rate > 192_000) throw new WavError('broken format');
  return format;
}

function mono(data: Buffer, { kind, channels }: Format): Int16Array {
  const all = interleaved(data, kind);
  if (channels === 1) return all;
  const samples = new Int16Array(Math.floor(all.length / channels));
  for (let i = 0; i < samples.length; i++) {
    let sum = 0;
    for (let c = 0; c < channels; c++) sum += all[i * channels + c] ?? 0;
    samples[i] = Math.round(sum / channels);
  }
  return samples;
}

function interleaved(data: Buffer, kind: number): Int16Array {
  if (kind === ULAW) return PCMU.decode(data);
  if (kind === ALAW) return PCMA.decode(data);
  // A copy is aligned, which a piece of a file need not be; every machine Node runs on is little-endian, as WAV is.
  const copy = new Uint8Array(data.length & ~1);
  copy.set(data.subarray(0, copy.length));
  return new Int16Array(copy.buffer);
}

export const WAV_HEADER_BYTES = 44;

/** The header of a 16 bit PCM file with `dataBytes` of audio. */
export function wavHeader(rate: number, channels: number, dataBytes: number): Buffer {
  const header = Buffer.alloc(WAV_HEADER_BYTES);
  header.write('RIFF', 0, 'latin1');
  header.writeUInt32LE(WAV_HEADER_BYTES - 8 + dataBytes, 4);
  header.write('WAVEfmt ', 8, 'latin1');
  header.writeUInt32LE(16, 16);
  header.writeUInt16LE(PCM, 20);
  header.writeUInt16LE(channels, 22);
  header.writeUInt32LE(rate, 24);
  header.writeUInt32LE(rate * channels * 2, 28);
  header.writeUInt16LE(channels * 2, 32);
  header.writeUInt16LE(16, 34);
  header.write('data', 36, 'latin1');
  header.writeUInt32LE(dataBytes, 40);
  return header;
}
