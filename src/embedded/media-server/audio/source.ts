import type { Frame } from './frame.js';

/** Audio that is played from its beginning to its end. */
export interface AudioSource {
  /** Samples delivered so far. */
  readonly position: number;
  /** Fills the frame from `from` on. @returns samples written; fewer than asked for: that was the end */
  read(frame: Frame, from: number): number;
}

export class PcmSource implements AudioSource {
  position: number;

  constructor(
    private readonly samples: Int16Array,
    start = 0,
  ) {
    this.position = Math.min(start, samples.length);
  }

  read(frame: Frame, from: number): number {
    const part = this.samples.subarray(this.position, this.position + frame.length - from);
    frame.set(part, from);
    this.position += part.length;
    return part.length;
  }
}

export class SilenceSource implements AudioSource {
  position = 0;

  /** @param length samples; null: without end */
  constructor(private readonly length: number | null) {}

  read(frame: Frame, from: number): number {
    const left = this.length === null ? Infinity : this.length - this.position;
    const count = Math.min(frame.length - from, left);
    frame.fill(0, from, from + count);
    this.position += count;
    return count;
  }
}

/** Several, one after the other; looped ones begin again behind the last. */
export class SequenceSource implements AudioSource {
  position = 0;
  private index = 0;
  private current: AudioSource | null = null;

  /** @param parts opens each of them anew; none of them may be empty where they are looped */
  constructor(
    private readonly parts: readonly (() => AudioSource)[],
    private readonly looped: boolean,
  ) {}

  read(frame: Frame, from: number): number {
    let filled = 0;
    while (from + filled < frame.length) {
      this.current ??= this.next();
      if (this.current === null) break;
      const count = this.current.read(frame, from + filled);
      filled += count;
      if (from + filled < frame.length) this.current = null;
    }
    this.position += filled;
    return filled;
  }

  private next(): AudioSource | null {
    if (this.looped && this.index === this.parts.length) this.index = 0;
    return this.parts[this.index++]?.() ?? null;
  }
}
