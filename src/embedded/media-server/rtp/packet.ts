export interface RtpPacket {
  readonly payloadType: number;
  readonly marker: boolean;
  readonly sequence: number;
  readonly timestamp: number;
  readonly ssrc: number;
  readonly payload: Buffer;
}

const HEADER_BYTES = 12;

/** Null when the bytes are not RTP version 2 (RFC 3550 5.1), RTCP included. */
export function parseRtp(bytes: Buffer): RtpPacket | null {
  if (bytes.length < HEADER_BYTES) return null;
  const first = bytes.readUInt8(0);
  const second = bytes.readUInt8(1);
  // RFC 5761: 192..223 in the second byte is RTCP.
  if (first >> 6 !== 2 || (second >= 192 && second <= 223)) return null;
  let start = HEADER_BYTES + 4 * (first & 0x0f);
  if ((first & 0x10) !== 0) {
    if (bytes.length < start + 4) return null;
    start += 4 + 4 * bytes.readUInt16BE(start + 2);
  }
  const padding = (first & 0x20) === 0 ? 0 : bytes.readUInt8(bytes.length - 1);
  if (start + padding > bytes.length) return null;
  return {
    payloadType: second & 0x7f,
    marker: (second & 0x80) !== 0,
    sequence: bytes.readUInt16BE(2),
    timestamp: bytes.readUInt32BE(4),
    ssrc: bytes.readUInt32BE(8),
    payload: bytes.subarray(start, bytes.length - padding),
  };
}

export function writeRtp({ payloadType, marker, sequence, timestamp, ssrc, payload }: RtpPacket): Buffer {
  const bytes = Buffer.allocUnsafe(HEADER_BYTES + payload.length);
  bytes.writeUInt8(0x80, 0);
  bytes.writeUInt8((marker ? 0x80 : 0) | payloadType, 1);
  bytes.writeUInt16BE(sequence & 0xffff, 2);
  bytes.writeUInt32BE(timestamp >>> 0, 4);
  bytes.writeUInt32BE(ssrc, 8);
  payload.copy(bytes, HEADER_BYTES);
  return bytes;
}

/** How far `b` is ahead of `a` on a ring of 16 bits; negative when behind. */
export const sequenceAhead = (a: number, b: number): number => (((b - a + 0x8000) & 0xffff) - 0x8000) | 0;
