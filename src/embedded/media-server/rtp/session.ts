import { randomBytes } from 'node:crypto';
import type { RemoteInfo, Socket } from 'node:dgram';
import { FRAME_SAMPLES, type Frame } from '../audio/frame.js';
import { PCMA, PCMU, type Codec } from '../audio/g711.js';
import { DtmfReceiver, DtmfSender, type Digit } from './dtmf.js';
import { JitterBuffer } from './jitter-buffer.js';
import { parseRtp, writeRtp, type RtpPacket } from './packet.js';

/** What was negotiated for a leg. */
export interface RtpTerms {
  readonly codec: Codec;
  /** The number the far end wants the codec under. */
  readonly payloadType: number;
  /** The number of telephone-event; null when the far end takes none. */
  readonly eventType: number | null;
  readonly remote: { readonly host: string; readonly port: number } | null;
  readonly send: boolean;
  readonly receive: boolean;
}

export interface RtpCounters {
  packetsIn: number;
  packetsOut: number;
  bytesIn: number;
  bytesOut: number;
}

const COMFORT_NOISE = 13;
const NO_AUDIO = new Int16Array(0);
/** A stream from elsewhere may take over only when the one we hear has been silent this long. */
const RELATCH_MS = 2000;

/**
 * The media of one leg. Sends to where the far end's packets come from, not to what its SDP says (symmetric RTP,
 * RFC 4961): a far end behind a NAT knows its own address only from inside.
 */
export class RtpSession {
  readonly counters: RtpCounters = { packetsIn: 0, packetsOut: 0, bytesIn: 0, bytesOut: 0 };
  readonly jitter = new JitterBuffer();
  private readonly dtmfOut = new DtmfSender();
  /** When something was last heard, or could first have been; monotonic ms. */
  heardAt = performance.now();
  onDigit: (digit: Digit) => void = () => undefined;
  readonly ssrc = randomBytes(4).readUInt32BE(0);
  private terms: RtpTerms | null = null;
  private latched: string | null = null;
  /** Where the far end's media came from before it moved: what still comes from there is not its new place. */
  private abandoned: string | null = null;
  private target: { host: string; port: number } | null = null;
  private hearing: number | null = null;
  private sequence = randomBytes(2).readUInt16BE(0);
  private timestamp = randomBytes(4).readUInt32BE(0);
  private paused = true;
  private closed = false;
  private readonly dtmfIn = new DtmfReceiver((digit) => this.onDigit(digit));

  constructor(private readonly socket: Socket) {
    socket.on('message', (bytes: Buffer, from: RemoteInfo) => this.onDatagram(bytes, from));
    // A phone that has gone makes ICMP errors; the signalling says what became of it.
    socket.on('error', () => undefined);
  }

  get port(): number {
    return this.closed ? 0 : this.socket.address().port;
  }

  get remote(): { readonly host: string; readonly port: number } | null {
    return this.target;
  }

  /** New terms take hold at once; a new address is followed and latched onto anew. */
  apply(terms: RtpTerms): void {
    const before = this.terms?.remote;
    const moved = before?.host !== terms.remote?.host || before?.port !== terms.remote?.port;
    this.terms = terms;
    if (moved) {
      this.target = terms.remote;
      this.abandoned = this.latched ?? (before == null ? null : `${before.host}:${before.port}`);
      this.latched = null;
    }
    if (!terms.send) this.paused = true;
    if (!terms.receive) this.jitter.reset();
    this.heardAt = performance.now();
  }

  /** The next 20 ms of the far end; false when there is nothing to hear. */
  pull(frame: Frame): boolean {
    this.dtmfIn.tick();
    return this.jitter.pull(frame);
  }

  /** Sends 20 ms; null is silence. Digits go before audio. */
  push(frame: Frame | null): void {
    const { terms, target } = this;
    this.timestamp = (this.timestamp + FRAME_SAMPLES) >>> 0;
    if (terms === null || target === null || !terms.send || this.closed) return;
    if (this.dtmfOut.busy && terms.eventType !== null) {
      const { eventType } = terms;
      const packets = this.dtmfOut.tick(this.timestamp);
      for (const { payload, marker, timestamp } of packets) this.send(eventType, payload, marker, timestamp);
      if (packets.length > 0) return;
    }
    const { codec } = terms;
    const payload = frame === null ? Buffer.alloc(FRAME_SAMPLES, codec.silence) : codec.encode(frame);
    this.send(terms.payloadType, payload, this.paused, this.timestamp);
    this.paused = false;
  }

  /** Says a digit behind those already waiting; a pause where it is null. @returns false when the far end takes none */
  speakDigit(digit: string | null, milliseconds: number): boolean {
    if (this.terms?.eventType == null) return false;
    if (digit === null) this.dtmfOut.pause(milliseconds);
    else this.dtmfOut.push(digit, milliseconds);
    return true;
  }

  /** Time has passed in which nothing could be sent (the machine slept): the stream's clock goes on. */
  skip(frames: number): void {
    this.timestamp = (this.timestamp + frames * FRAME_SAMPLES) >>> 0;
    this.paused = true;
  }

  close(): void {
    if (this.closed) return;
    this.closed = true;
    this.socket.close();
  }

  private send(payloadType: number, payload: Buffer, marker: boolean, timestamp: number): void {
    const { target } = this;
    if (target === null) return;
    this.sequence = (this.sequence + 1) & 0xffff;
    const packet = { payloadType, payload, marker, timestamp, sequence: this.sequence, ssrc: this.ssrc };
    const bytes = writeRtp(packet);
    this.counters.packetsOut++;
    this.counters.bytesOut += bytes.length;
    this.socket.send(bytes, 0, bytes.length, target.port, target.host);
  }

  private onDatagram(bytes: Buffer, from: RemoteInfo): void {
    const packet = parseRtp(bytes);
    if (packet === null || this.terms?.receive !== true || !this.latch(from)) return;
    this.heardAt = performance.now();
    this.counters.packetsIn++;
    this.counters.bytesIn += bytes.length;
    if (packet.ssrc !== this.hearing) {
      this.hearing = packet.ssrc;
      this.jitter.reset();
    }
    this.take(packet, this.terms);
  }

  private take(packet: RtpPacket, terms: RtpTerms): void {
    const { payloadType, sequence, payload } = packet;
    if (payloadType === terms.eventType) {
      this.dtmfIn.onPacket(packet);
      // Keeps its place in the order, or the audio behind it would look like a loss.
      this.jitter.push(sequence, NO_AUDIO);
    } else if (payloadType === terms.payloadType) {
      this.jitter.push(sequence, terms.codec.decode(payload));
    } else if (payloadType === PCMU.payloadType || payloadType === PCMA.payloadType) {
      // Far ends may switch among the codecs of an offer without a word (RFC 3264 section 5.1).
      const codec = payloadType === PCMU.payloadType ? PCMU : PCMA;
      this.jitter.push(sequence, codec.decode(payload));
    } else if (payloadType === COMFORT_NOISE) {
      this.jitter.push(sequence, new Int16Array(FRAME_SAMPLES));
    }
  }

  private latch({ address, port }: RemoteInfo): boolean {
    const source = `${address}:${port}`;
    if (source === this.latched) return true;
    // Whoever is where its SDP says is no stranger, as somebody may be who still sends to the last user of this port.
    const { host, port: announced } = this.terms?.remote ?? { host: '', port: 0 };
    const isAnnounced = source === `${host}:${announced}`;
    const settled = !isAnnounced && (this.latched !== null || source === this.abandoned);
    if (settled && performance.now() - this.heardAt < RELATCH_MS) return false;
    this.latched = source;
    this.target = { host: address, port };
    return true;
  }
}
