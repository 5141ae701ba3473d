import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { hasTone, tonesIn } from './media-tones.js';
import { sdp, type SdpOptions } from './sip-phone/index.js';

const RATE = 8000;
const FRAME = 160;
const EVENTS = '0123456789*#ABCD';
const EVENT_TYPE = 101;

/** G.711 by the formulas of its reference code, not by the tables under test. */
const ulaw = {
  encode(sample: number): number {
    const sign = sample < 0 ? 0x80 : 0;
    const value = Math.min(32_635, Math.abs(sample)) + 0x84;
    const exponent = Math.floor(Math.log2(value)) - 7;
    return ~(sign | (exponent << 4) | ((value >> (exponent + 3)) & 0x0f)) & 0xff;
  },
  decode(code: number): number {
    const u = ~code & 0xff;
    const value = ((((u & 0x0f) << 3) + 0x84) << ((u >> 4) & 7)) - 0x84;
    return (u & 0x80) === 0 ? value : -value;
  },
};
const alaw = {
  encode(sample: number): number {
    const sign = sample >= 0 ? 0x80 : 0;
    const value = Math.min(32_767, Math.abs(sample)) >> 4;
    const exponent = value < 32 ? (value < 16 ? 0 : 1) : Math.floor(Math.log2(value)) - 3;
    const mantissa = exponent < 2 ? value & 0x0f : (value >> (exponent - 1)) & 0x0f;
    return (sign | (exponent << 4) | mantissa) ^ 0x55;
  },
  decode(code: number): number {
    const a = code ^ 0x55;
    const exponent = (a >> 4) & 7;
    const base = ((a & 0x0f) << 4) + 8;
    const value = exponent === 0 ? base : (base + 0x100) << (exponent - 1);
    return (a & 0x80) === 0 ? -value : value;
  },
};

/** One packet of audio, as it arrived. */
export interface HeardPacket {
  /** Monotonic ms. */
  readonly at: number;
  readonly sequence: number;
  readonly timestamp: number;
  readonly payloadType: number;
  readonly samples: Int16Array;
}

/** A phone's media: says a tone, and keeps what it hears with the times. */
export class RtpPhone {
  readonly packets: HeardPacket[] = [];
  /** Digits that came as telephone-events, with their lengths in samples. */
  readonly digits: { digit: string; samples: number; at: number }[] = [];
  private frequency: number | null = null;
  private sending = true;
  private remote: { host: string; port: number } | null = null;
  private sequence = Math.floor(Math.random() * 60_000);
  private timestamp = Math.floor(Math.random() * 1e9);
  private phase = 0;
  private timer: NodeJS.Timeout | null = null;
  private due = performance.now();
  private lastEvent = -1;

  private constructor(
    private readonly socket: Socket,
    readonly codec: 0 | 8,
    readonly host: string,
    private readonly ssrc = Math.floor(Math.random() * 0xffffffff),
  ) {
    socket.on('message', (bytes: Buffer) => this.arrived(bytes));
    socket.on('error', () => undefined);
  }

  static async open(codec: 0 | 8 = 0, host = '127.0.0.1'): Promise<RtpPhone> {
    const socket = createSocket(host.includes(':') ? 'udp6' : 'udp4');
    socket.bind(0, host);
    await once(socket, 'listening');
    const phone = new RtpPhone(socket, codec, host);
    phone.tick();
    return phone;
  }

  get port(): number {
    return this.socket.address().port;
  }

  sdp(options: SdpOptions = {}): string {
    return sdp({ host: this.host, port: this.port, codecs: [this.codec, EVENT_TYPE], ...options });
  }

  /** Sends to where an SDP says. */
  follow(description: string): void {
    const host = /^c=IN IP[46] (\S+)/m.exec(description)?.[1] ?? this.host;
    this.remote = { host, port: Number(/^m=audio (\d+)/m.exec(description)?.[1] ?? 0) };
  }

  /** What it says from now on; null: silence, still sent. */
  say(frequency: number | null): void {
    this.frequency = frequency;
    this.sending = true;
  }

  /** Sends nothing at all any more. */
  stopSending(): void {
    this.sending = false;
  }

  /** Presses a key: a telephone-event of that length. */
  async press(digit: string, milliseconds = 100): Promise<void> {
    const code = EVENTS.indexOf(digit);
    const begun = this.timestamp;
    this.sending = false;
    const step = async (duration: number, end: boolean, marker: boolean): Promise<void> => {
      const payload = Buffer.from([code, (end ? 0x80 : 0) | 10, duration >> 8, duration & 0xff]);
      this.send(EVENT_TYPE, payload, begun, marker);
      await new Promise((resolve) => setTimeout(resolve, end ? 1 : 20));
    };
    for (let ms = 20; ms < milliseconds; ms += 20) await step(ms * 8, false, ms === 20);
    for (let copy = 0; copy < 3; copy++) await step(milliseconds * 8, true, false);
    this.sending = true;
  }

  /** The audio of the last while; shorter when less was heard. */
  recent(milliseconds = 100): Int16Array {
    const packets = this.packets.slice(-Math.ceil(milliseconds / 20));
    return join(packets);
  }

  /** All audio that arrived after a point in time. */
  since(at: number): Int16Array {
    return join(this.packets.filter((p) => p.at >= at));
  }

  hears(frequency: number): boolean {
    const recent = this.recent();
    return recent.length >= 5 * FRAME && hasTone(recent, frequency);
  }

  /** Those of the frequencies that are heard now. */
  hearing(frequencies: readonly number[]): number[] {
    return tonesIn(this.recent(), frequencies);
  }

  /** Whether 100 ms of audio came and all of it was silence. */
  get hearsSilence(): boolean {
    const recent = this.recent();
    return recent.length >= 5 * FRAME && recent.every((s) => Math.abs(s) < 20);
  }

  /** When a tone was first in a packet that came after `from`; undefined: not yet. */
  firstHeard(frequency: number, from = 0): number | undefined {
    return this.packets.find((p) => p.at >= from && hasTone(p.samples, frequency))?.at;
  }

  /** Sends a packet with exactly this sequence number and tone, for tests of losses and order. */
  inject(sequence: number, samples: Int16Array): void {
    const codec = this.codec === 0 ? ulaw : alaw;
    const payload = Buffer.from(Array.from(samples, (s) => codec.encode(s)));
    this.sequence = sequence - 1;
    this.send(this.codec, payload, this.timestamp, false);
  }

  close(): Promise<void> {
    if (this.timer !== null) clearTimeout(this.timer);
    return new Promise((resolve) => {
      this.socket.close(() => resolve());
    });
  }

  private tick(): void {
    while (performance.now() >= this.due) {
      this.due += 20;
      this.timestamp = (this.timestamp + FRAME) >>> 0;
      if (this.sending && this.remote !== null) this.sayFrame();
    }
    this.timer = setTimeout(() => this.tick(), Math.max(1, this.due - performance.now()));
  }

  private sayFrame(): void {
    const codec = this.codec === 0 ? ulaw : alaw;
    const payload = Buffer.alloc(FRAME);
    for (let i = 0; i < FRAME; i++) {
      const value =
        this.frequency === null ? 0 : 8000 * Math.sin((2 * Math.PI * this.frequency * this.phase++) / RATE);
      payload[i] = codec.encode(Math.round(value));
    }
    this.send(this.codec, payload, this.timestamp, false);
  }

  private send(payloadType: number, payload: Buffer, timestamp: number, marker: boolean): void {
    if (this.remote === null) return;
    const header = Buffer.alloc(12);
    this.sequence = (this.sequence + 1) & 0xffff;
    header.writeUInt8(0x80, 0);
    header.writeUInt8((marker ? 0x80 : 0) | payloadType, 1);
    header.writeUInt16BE(this.sequence, 2);
    header.writeUInt32BE(timestamp, 4);
    header.writeUInt32BE(this.ssrc, 8);
    this.socket.send(Buffer.concat([header, payload]), this.remote.port, this.remote.host);
  }

  private arrived(bytes: Buffer): void {
    const at = performance.now();
    const payloadType = bytes.readUInt8(1) & 0x7f;
    const timestamp = bytes.readUInt32BE(4);
    const payload = bytes.subarray(12);
    if (payloadType === EVENT_TYPE) {
      const ended = (payload.readUInt8(1) & 0x80) !== 0;
      if (!ended || timestamp === this.lastEvent) return;
      this.lastEvent = timestamp;
      const digit = EVENTS[payload.readUInt8(0)] ?? '?';
      this.digits.push({ digit, samples: payload.readUInt16BE(2), at });
      return;
    }
    const codec = payloadType === 0 ? ulaw : alaw;
    const samples = Int16Array.from(payload, (code) => codec.decode(code));
    this.packets.push({ at, sequence: bytes.readUInt16BE(2), timestamp, payloadType, samples });
  }
}

function join(packets: readonly HeardPacket[]): Int16Array {
  const all = new Int16Array(packets.reduce((n, p) => n + p.samples.length, 0));
  let at = 0;
  for (const { samples } of packets) {
    all.set(samples, at);
    at += samples.length;
  }
  return all;
}
