import { newFrame, type Frame } from '../audio/frame.js';
import type { Playback } from '../channel/media.js';
import type { Channel, Partnership } from '../channel/channel.js';
import { SHORTEST_DIGIT_MS } from '../channel/bridge.js';
import type { Digit } from '../rtp/dtmf.js';
import type { Conference } from './conference.js';
import { TalkDetector } from './energy.js';

/** Flags of `conference name++flags{a|b}` that mean something to audio; others are of video or profiles and are ignored. */
export type MemberFlag =
  | 'mute'
  | 'deaf'
  | 'endconf'
  | 'moderator'
  | 'mintwo'
  | 'ghost'
  | 'join-only'
  | 'dist-dtmf'
  | 'wait-mod'
  | 'mute-detect';

/** One channel's seat in a conference. */
export class Member implements Partnership {
  muted: boolean;
  deaf: boolean;
  /** What this member hears of the others in this tick; made by the conference. */
  readonly mix = newFrame();
  hearsMix = false;
  /** A file only this member hears. */
  prompt: Playback | null = null;
  /** Settles when the member has left. */
  readonly left: Promise<void>;
  readonly detector = new TalkDetector();
  private settle: () => void = () => undefined;

  constructor(
    readonly id: number,
    readonly channel: Channel,
    readonly flags: ReadonlySet<string>,
    readonly conference: Conference,
  ) {
    this.muted = this.has('mute');
    this.deaf = this.has('deaf');
    this.left = new Promise((resolve) => {
      this.settle = resolve;
    });
  }

  has(flag: MemberFlag): boolean {
    return this.flags.has(flag);
  }

  get speaks(): boolean {
    return this.channel.media.hears && !this.muted;
  }

  fill(frame: Frame): boolean {
    if (this.prompt?.fill(frame) === true) return true;
    if (this.deaf || !this.hearsMix) return false;
    frame.set(this.mix);
    return true;
  }

  digit({ digit, samples }: Digit): void {
    this.conference.announce('dtmf-member', this, { 'DTMF-Key': digit });
    if (!this.has('dist-dtmf')) return;
    const milliseconds = Math.max(SHORTEST_DIGIT_MS, Math.round(samples / 8));
    for (const other of this.conference.members.values())
      if (other !== this) other.channel.rtp.speakDigit(digit, milliseconds);
  }

  leave(): void {
    this.prompt?.end('break');
    this.conference.remove(this);
    this.settle();
  }
}
