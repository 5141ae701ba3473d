import { FRAME_SAMPLES, type Frame } from './frame.js';

/** ITU-T G.711, by table: encoding is one look-up per sample. */
export interface Codec {
  readonly name: 'PCMU' | 'PCMA';
  /** Its static RTP payload number (RFC 3551). */
  readonly payloadType: 0 | 8;
  /** The code of silence. */
  readonly silence: number;
  encode(frame: Frame): Buffer;
  decode(payload: Uint8Array): Int16Array;
}

function decodeUlaw(code: number): number {
  const u = ~code & 0xff;
  const magnitude = (((u & 0x0f) << 3) + 0x84) << ((u & 0x70) >> 4);
  return (u & 0x80) === 0 ? magnitude - 0x84 : 0x84 - magnitude;
}

function decodeAlaw(code: number): number {
  const a = code ^ 0x55;
  const segment = (a & 0x70) >> 4;
  const mantissa = ((a & 0x0f) << 4) + 8;
  const magnitude = segment === 0 ? mantissa : (mantissa + 0x100) << (segment - 1);
  return (a & 0x80) === 0 ? -magnitude : magnitude;
}

/** The code nearest to each of the 65536 sample values, from the decoder: so both can only agree. */
function nearestCodes(decode: (code: number) => number): Uint8Array {
  const levels = Array.from({ length: 256 }, (_, code) => ({ code, level: decode(code) }));
  levels.sort((a, b) => a.level - b.level);
  const codes = new Uint8Array(65_536);
  let at = 0;
  for (let sample = -32_768; sample <= 32_767; sample++) {
    const distance = (i: number): number => Math.abs((levels[i]?.level ?? Infinity) - sample);
    while (distance(at + 1) <= distance(at)) at++;
    codes[sample + 32_768] = levels[at]?.code ?? 0;
  }
  return codes;
}

function codec(
  name: Codec['name'],
  payloadType: Codec['payloadType'],
  decodeOne: (code: number) => number,
): Codec {
  const codes = nearestCodes(decodeOne);
  const levels = Int16Array.from({ length: 256 }, (_, code) => decodeOne(code));
  return {
    name,
    payloadType,
    silence: codes[32_768] ?? 0,
    encode: (frame) => {
      const payload = Buffer.allocUnsafe(FRAME_SAMPLES);
      for (let i = 0; i < FRAME_SAMPLES; i++) payload[i] = codes[(frame[i] ?? 0) + 32_768] ?? 0;
      return payload;
    },
    decode: (payload) => {
      const samples = new Int16Array(payload.length);
      for (let i = 0; i < payload.length; i++) samples[i] = levels[payload[i] ?? 0] ?? 0;
      return samples;
    },
  };
}

export const PCMU = codec('PCMU', 0, decodeUlaw);
export const PCMA = codec('PCMA', 8, decodeAlaw);
