const RATE = 8000;
const HZ = 400;
const LOUDNESS = 8000;

/** A tone as a WAV file, 8 kHz mono 16 bit: what a phone without a microphone says. */
export function toneWav(seconds: number): Buffer {
  const samples = Buffer.alloc(seconds * RATE * 2);
  for (let i = 0; i < seconds * RATE; i += 1) {
    samples.writeInt16LE(Math.round(LOUDNESS * Math.sin((2 * Math.PI * HZ * i) / RATE)), i * 2);
  }
  return Buffer.concat([header(samples.length), samples]);
}

function header(bytes: number): Buffer {
  const head = Buffer.alloc(44);
  head.write('RIFF', 0);
  head.writeUInt32LE(36 + bytes, 4);
  head.write('WAVEfmt ', 8);
  head.writeUInt32LE(16, 16);
  head.writeUInt16LE(1, 20); // PCM
  head.writeUInt16LE(1, 22); // mono
  head.writeUInt32LE(RATE, 24);
  head.writeUInt32LE(RATE * 2, 28);
  head.writeUInt16LE(2, 32);
  head.writeUInt16LE(16, 34);
  head.write('data', 36);
  head.writeUInt32LE(bytes, 40);
  return head;
}
