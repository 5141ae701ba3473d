import { FRAME_SAMPLES, type Frame } from '../audio/frame.js';
import { sequenceAhead } from './packet.js';

/** Audio that must be there before playing (again): two packets of a usual sender. */
const PREFILL_SAMPLES = 320;
/** More than this waiting means the far clock runs faster than ours, or a burst: what is oldest goes. */
const MAX_SAMPLES = 1600;
/** Missing packets in a row that are stood in for: a longer gap is a pause of the sender, and not made up for. */
const MAX_CONCEALED = 10;
/** A sequence further away than this is a new stream, not a late packet. */
const MAX_JUMP = 500;

/**
 * Puts packets back into order and hands out 20 ms at a time, whatever the sender's packet length. A missing packet
 * is bridged by fading out what came before it.
 */
export class JitterBuffer {
  /** Packets that could not be played: lost on the way or come too late. */
  lost = 0;
  /** Packets thrown away because too many waited. */
  dropped = 0;
  private readonly packets = new Map<number, Int16Array>();
  private waitingSamples = 0;
  private next = -1;
  private current: Int16Array = new Int16Array(0);
  private offset = 0;
  private playing = false;
  private lastLength = FRAME_SAMPLES;
  private fade: Int16Array | null = null;
  /** Missing packets stood in for since the last that was there. */
  private concealedInRow = 0;

  /** @param samples none for a packet that carries no audio but has a place in the order (a digit) */
  push(sequence: number, samples: Int16Array): void {
    if (samples.length === 0 && !this.playing && this.packets.size === 0) return;
    if (this.packets.size >= MAX_JUMP) this.reset();
    if (this.next < 0) this.next = sequence;
    const ahead = sequenceAhead(this.next, sequence);
    if (Math.abs(ahead) > MAX_JUMP) {
      this.reset();
      this.next = sequence;
    } else if (ahead < 0) {
      // Before anything is played the first packet may turn out not to have been the first.
      if (this.playing) {
        this.lost++;
        return;
      }
      this.next = sequence;
    }
    if (this.packets.has(sequence)) return;
    this.packets.set(sequence, samples);
    this.waitingSamples += samples.length;
    if (samples.length > 0) this.lastLength = samples.length;
    while (this.waitingSamples > MAX_SAMPLES) this.dropOldest();
  }

  /** Fills the frame; false when there is nothing to play, and the frame is left as it was. */
  pull(frame: Frame): boolean {
    if (!this.playing && this.waitingSamples < PREFILL_SAMPLES) return false;
    this.playing = true;
    let filled = 0;
    while (filled < frame.length) {
      if (this.offset >= this.current.length && !this.advance()) break;
      const part = this.current.subarray(this.offset, this.offset + frame.length - filled);
      frame.set(part, filled);
      filled += part.length;
      this.offset += part.length;
    }
    if (filled === 0) return false;
    frame.fill(0, filled);
    return true;
  }

  reset(): void {
    this.packets.clear();
    this.waitingSamples = 0;
    this.next = -1;
    this.current = new Int16Array(0);
    this.offset = 0;
    this.playing = false;
    this.fade = null;
    this.concealedInRow = 0;
  }

  /** Moves on to the next packet, or to what stands in for a lost one; false when all has been played. */
  private advance(): boolean {
    if (this.concealedInRow >= MAX_CONCEALED) this.skipGap();
    const packet = this.packets.get(this.next);
    if (packet === undefined && this.packets.size === 0) {
      // Run dry: collect again before going on, or every packet would come too late from now on.
      this.playing = false;
      this.next = -1;
      return false;
    }
    this.packets.delete(this.next);
    this.next = (this.next + 1) & 0xffff;
    this.offset = 0;
    if (packet === undefined) {
      this.lost++;
      this.concealedInRow++;
      this.current = this.concealed();
      return true;
    }
    this.concealedInRow = 0;
    this.waitingSamples -= packet.length;
    this.current = packet;
    if (packet.length > 0) this.fade = packet;
    return true;
  }

  /** To the nearest packet that is there. */
  private skipGap(): void {
    for (let i = 0; i < 0x10000 && this.packets.size > 0 && !this.packets.has(this.next); i++)
      this.next = (this.next + 1) & 0xffff;
  }

  private concealed(): Int16Array {
    const { fade, lastLength } = this;
    this.fade = null;
    if (fade === null) return new Int16Array(lastLength);
    return fade.map((sample, i) => Math.round((sample * (fade.length - i)) / fade.length));
  }

  private dropOldest(): void {
    for (let i = 0; i <= MAX_JUMP; i++) {
      const packet = this.packets.get(this.next);
      this.packets.delete(this.next);
      this.next = (this.next + 1) & 0xffff;
      if (packet === undefined) continue;
      this.waitingSamples -= packet.length;
      this.dropped++;
      return;
    }
  }
}
