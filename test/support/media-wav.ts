import { readFileSync, writeFileSync } from 'node:fs';

/** Written and read by hand here, so that the code under test is not its own witness. */

export function writeWav(path: string, samples: Int16Array, rate = 8000, channels = 1): string {
  writeFileSync(path, wavBytes(samples, rate, channels));
  return path;
}

export function wavBytes(samples: Int16Array, rate = 8000, channels = 1): Buffer {
  const header = Buffer.alloc(44);
  const bytes = samples.length * 2;
  header.write('RIFF', 0);
  header.writeUInt32LE(36 + bytes, 4);
  header.write('WAVEfmt ', 8);
  header.writeUInt32LE(16, 16);
  header.writeUInt16LE(1, 20);
  header.writeUInt16LE(channels, 22);
  header.writeUInt32LE(rate, 24);
  header.writeUInt32LE(rate * channels * 2, 28);
  header.writeUInt16LE(channels * 2, 32);
  header.writeUInt16LE(16, 34);
  header.write('data', 36);
  header.writeUInt32LE(bytes, 40);
  return Buffer.concat([header, Buffer.from(samples.buffer, samples.byteOffset, bytes)]);
}

export interface WavContent {
  readonly channels: number;
  readonly rate: number;
  /** What the header says there is. */
  readonly dataBytes: number;
  /** What there really is behind the header. */
  readonly realBytes: number;
  /** Samples of each channel. */
  readonly tracks: readonly Int16Array[];
}

export function readWav(path: string): WavContent {
  const bytes = readFileSync(path);
  const data = bytes.indexOf('data');
  const channels = bytes.readUInt16LE(22);
  const dataBytes = bytes.readUInt32LE(data + 4);
  const realBytes = bytes.length - data - 8;
  const count = Math.floor(realBytes / 2 / channels);
  const tracks = Array.from({ length: channels }, (_, c) =>
    Int16Array.from({ length: count }, (_unused, i) => bytes.readInt16LE(data + 8 + 2 * (i * channels + c))),
  );
  return { channels, rate: bytes.readUInt32LE(24), dataBytes, realBytes, tracks };
}
