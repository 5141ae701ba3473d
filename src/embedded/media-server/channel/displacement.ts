import { mixInto, newFrame, type Frame } from '../audio/frame.js';
import type { AudioSource } from '../audio/source.js';
import type { ChannelMedia, Overlay } from './media.js';

/** How a file takes the place of a leg's audio: the letters of `uuid_displace`. */
export interface DisplaceMode {
  /** `m`: is mixed with what is there (a whisper), instead of standing alone. */
  readonly mixed: boolean;
  /** `l`: begins again at its end. */
  readonly looped: boolean;
  /** `r`: others hear it from this leg; otherwise this leg hears it. */
  readonly outward: boolean;
  /** `rw`: both. */
  readonly bothWays: boolean;
}

export const displaceMode = (letters: string): DisplaceMode => ({
  mixed: letters.includes('m'),
  looped: letters.includes('l'),
  outward: letters.includes('r'),
  bothWays: letters.includes('r') && letters.includes('w'),
});

/** One file over a leg's audio, beside whatever else happens on it. */
class Displacement implements Overlay {
  private readonly audio = newFrame();
  private source: AudioSource;
  private ticks = 0;

  constructor(
    private readonly open: () => AudioSource,
    private readonly mode: DisplaceMode,
    private readonly limitTicks: number,
    private readonly ended: () => void,
  ) {
    this.source = open();
  }

  hear(frame: Frame, sounds: boolean): boolean {
    const { outward, mixed } = this.mode;
    if (!outward) return mixed && sounds;
    return this.read() ? this.put(frame, sounds) : sounds;
  }

  say(frame: Frame, sounds: boolean): boolean {
    const { outward, mixed, bothWays } = this.mode;
    if (!outward) return this.read() ? this.put(frame, sounds) : sounds;
    if (!bothWays) return mixed && sounds;
    return this.put(frame, sounds);
  }

  /** The next 20 ms of the file; false when it is over. */
  private read(): boolean {
    let filled = this.source.read(this.audio, 0);
    if (filled < this.audio.length && this.mode.looped) {
      this.source = this.open();
      filled += this.source.read(this.audio, filled);
    }
    this.audio.fill(0, filled);
    if (filled > 0 && ++this.ticks <= this.limitTicks) return true;
    this.ended();
    return false;
  }

  private put(frame: Frame, sounds: boolean): boolean {
    if (this.mode.mixed && sounds) mixInto(frame, this.audio);
    else frame.set(this.audio);
    return true;
  }
}

/** The displacements of one leg, by their file. */
export class Displacements {
  private readonly running = new Map<string, Displacement>();

  constructor(
    private readonly media: ChannelMedia,
    private readonly publish: (event: string, headers: Readonly<Record<string, string>>) => void,
  ) {}

  /** @returns false when that file is over this leg already */
  start(path: string, open: () => AudioSource, mode: DisplaceMode, limitTicks: number): boolean {
    if (this.running.has(path)) return false;
    const displacement = new Displacement(open, mode, limitTicks, () => this.stop(path));
    this.running.set(path, displacement);
    this.media.overlays.add(displacement);
    this.publish('MEDIA_BUG_START', bugHeaders(path));
    return true;
  }

  /** @returns false when that file is not over this leg */
  stop(path: string): boolean {
    const displacement = this.running.get(path);
    if (displacement === undefined) return false;
    this.media.overlays.delete(displacement);
    this.running.delete(path);
    this.publish('MEDIA_BUG_STOP', bugHeaders(path));
    return true;
  }
}

const bugHeaders = (path: string): Record<string, string> => ({
  'Media-Bug-Function': 'displace',
  'Media-Bug-Target': path,
});
