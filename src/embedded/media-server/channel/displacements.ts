import { RATE } from '../audio/frame.js';
import type { AudioSource } from '../audio/source.js';
import { Playback, type ChannelMedia } from './media.js';

/** Sounds mixed into what a leg hears, beside whatever else happens on it; one of each file at a time. They end with it. */
export class Displacements {
  private readonly running = new Map<string, Playback>();

  constructor(
    private readonly media: ChannelMedia,
    private readonly publish: (event: string, headers: Readonly<Record<string, string>>) => void,
  ) {}

  /** @param limitSeconds 0: none. @returns false when that file is mixed in already */
  start(path: string, source: AudioSource, limitSeconds: number): boolean {
    if (this.running.has(path)) return false;
    const playback = new Playback(source, limitSeconds > 0 ? limitSeconds * RATE : null);
    this.running.set(path, playback);
    this.media.overlays.add(playback);
    const headers = { 'Media-Bug-Function': 'displace', 'Media-Bug-Target': path };
    this.publish('MEDIA_BUG_START', headers);
    void playback.finished.then(() => {
      this.running.delete(path);
      this.media.overlays.delete(playback);
      this.publish('MEDIA_BUG_STOP', headers);
    });
    return true;
  }

  /** @returns false when that file is not mixed in */
  stop(path: string): boolean {
    const playback = this.running.get(path);
    playback?.end('break');
    return playback !== undefined;
  }
}
