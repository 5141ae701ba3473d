import { newFrame, type Frame } from '../audio/frame.js';
import type { AudioSource } from '../audio/source.js';
import type { RtpSession } from '../rtp/session.js';

/** Something a leg can listen to. */
export interface Feed {
  /** Fills the frame; false when it is silence, and the frame is then nobody's concern. */
  fill(frame: Frame): boolean;
}

/** Follows both directions of a leg, 20 ms at a time. Frames are only lent. */
export interface Tap {
  frame(heard: Frame, said: Frame): void;
}

/** Lies over both directions of a leg; each call is told whether there is any sound, and says whether there is then. */
export interface Overlay {
  /** What the far end says, before anybody hears it. */
  hear(frame: Frame, sounds: boolean): boolean;
  /** What the far end is about to hear. */
  say(frame: Frame, sounds: boolean): boolean;
}

/**
 * The audio of one leg. In each tick all legs first listen, then all speak: so what one says reaches the other in the
 * same tick, whoever comes first.
 */
export class ChannelMedia {
  /** What the far end says in this tick. */
  readonly heard = newFrame();
  /** Whether it says anything. */
  hears = false;
  /** A prompt: heard instead of the partner while it lasts. */
  foreground: Feed | null = null;
  /** Other legs: a bridge or a conference. */
  partner: Feed | null = null;
  /** Nobody hears the far end. */
  readMuted = false;
  /** The far end hears nobody. */
  writeMuted = false;
  readonly taps = new Set<Tap>();
  readonly overlays = new Set<Overlay>();
  private readonly said = newFrame();

  constructor(readonly rtp: RtpSession) {}

  listen(): void {
    this.hears = this.rtp.pull(this.heard) && !this.readMuted;
    if (!this.hears) this.heard.fill(0);
    for (const overlay of this.overlays) this.hears = overlay.hear(this.heard, this.hears);
    if (!this.hears) this.heard.fill(0);
  }

  speak(): void {
    const feed = this.foreground ?? this.partner;
    let says = feed !== null && feed.fill(this.said) && !this.writeMuted;
    if (!says) this.said.fill(0);
    for (const overlay of this.overlays) says = overlay.say(this.said, says);
    if (!says) this.said.fill(0);
    this.rtp.push(says ? this.said : null);
    for (const tap of this.taps) tap.frame(this.heard, this.said);
  }
}

export type PlayEnd = 'done' | 'break';

/** One source on its way to a leg. */
export class Playback implements Feed {
  readonly finished: Promise<PlayEnd>;
  private settle: (end: PlayEnd) => void = () => undefined;
  private over = false;

  /** @param limit samples after which it is broken off; null: none */
  constructor(
    private readonly source: AudioSource,
    private readonly limit: number | null = null,
  ) {
    this.finished = new Promise((resolve) => {
      this.settle = resolve;
    });
  }

  fill(frame: Frame): boolean {
    if (this.over) return false;
    const count = this.source.read(frame, 0);
    frame.fill(0, count);
    if (count < frame.length) this.end('done');
    else if (this.limit !== null && this.source.position >= this.limit) this.end('break');
    return count > 0;
  }

  end(how: PlayEnd): void {
    this.over = true;
    this.settle(how);
  }
}
