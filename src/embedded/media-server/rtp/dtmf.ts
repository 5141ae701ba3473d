import { FRAME_SAMPLES } from '../audio/frame.js';
import type { RtpPacket } from './packet.js';

/** Digits by event number (RFC 4733 section 3.2). */
const EVENTS = '0123456789*#ABCD';

export const isDigit = (text: string): boolean => text.length === 1 && EVENTS.includes(text.toUpperCase());

export interface Digit {
  readonly digit: string;
  /** At 8 kHz. */
  readonly samples: number;
  readonly timestamp: number;
  readonly ssrc: number;
}

/** Hears digits in telephone-event packets: each once, however many of its packets come (RFC 4733 2.5.2.2). */
export class DtmfReceiver {
  private open: Digit | null = null;
  private done = '';
  private quietTicks = 0;

  constructor(private readonly heard: (digit: Digit) => void) {}

  onPacket({ payload, timestamp, ssrc }: RtpPacket): void {
    if (payload.length < 4) return;
    const digit = EVENTS[payload.readUInt8(0)];
    if (digit === undefined || this.done === `${ssrc}/${timestamp}`) return;
    // The last event's end was lost.
    if (this.open !== null && this.open.timestamp !== timestamp) this.finish();
    this.open = { digit, samples: payload.readUInt16BE(2), timestamp, ssrc };
    this.quietTicks = 0;
    if ((payload.readUInt8(1) & 0x80) !== 0) this.finish();
  }

  /** Every 20 ms: an event whose packets stop coming has ended too. */
  tick(): void {
    if (this.open !== null && ++this.quietTicks > 10) this.finish();
  }

  private finish(): void {
    const { open } = this;
    this.open = null;
    if (open === null) return;
    this.done = `${open.ssrc}/${open.timestamp}`;
    this.heard(open);
  }
}

/** One packet of an event to be sent. */
export interface EventPacket {
  readonly payload: Buffer;
  readonly marker: boolean;
  /** Where on our clock the event began. */
  readonly timestamp: number;
}

interface Outgoing {
  readonly code: number;
  readonly samples: number;
}

const PAUSE_CODE = -1;
/** RFC 4733 2.5.1.4: the last packet is sent three times. */
const END_COPIES = 3;
/** Between digits, so that they are told apart. */
const GAP_SAMPLES = 400;
/** -10 dBm0, what FreeSWITCH sends. */
const VOLUME = 10;

/** Speaks digits as telephone-event packets, one every 20 ms. */
export class DtmfSender {
  private readonly queue: Outgoing[] = [];
  private sent = 0;
  private begun = 0;

  get busy(): boolean {
    return this.queue.length > 0;
  }

  push(digit: string, milliseconds: number): void {
    const code = EVENTS.indexOf(digit.toUpperCase());
    this.queue.push({ code, samples: milliseconds * 8 }, { code: PAUSE_CODE, samples: GAP_SAMPLES });
  }

  pause(milliseconds: number): void {
    this.queue.push({ code: PAUSE_CODE, samples: milliseconds * 8 });
  }

  clear(): void {
    this.queue.length = 0;
    this.sent = 0;
  }

  /** The packets of this tick: none while pausing, three at the end of an event. */
  tick(timestamp: number): EventPacket[] {
    const [head] = this.queue;
    if (head === undefined) return [];
    if (this.sent === 0) this.begun = timestamp;
    const first = this.sent === 0;
    this.sent += FRAME_SAMPLES;
    const ends = this.sent >= head.samples;
    if (ends) {
      this.queue.shift();
      this.sent = 0;
    }
    if (head.code === PAUSE_CODE) return [];
    const duration = ends ? head.samples : this.sent;
    const payload = Buffer.from([head.code, (ends ? 0x80 : 0) | VOLUME, duration >> 8, duration & 0xff]);
    const packet = { payload, marker: first, timestamp: this.begun };
    return ends ? Array.from({ length: END_COPIES }, () => packet) : [packet];
  }
}
