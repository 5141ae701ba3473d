import type { Sound } from '../domain/sound.js';
import type { PlayableSound } from './media.js';

/** Turns what shall be heard into something a media server can play: files found, text spoken and cached. */
export interface Sounds {
  /**
   * What to play, in order. Settles within its own deadline.
   *
   * @throws SoundError when there is no such file, or the text could not be spoken in time
   */
  resolve(sound: Sound): Promise<readonly PlayableSound[]>;
  /** Speaks and caches texts known from the configuration before a caller waits for them; failures are logged. */
  warm(texts: readonly string[]): Promise<void>;
  close(): Promise<void>;
}

/** A sound that cannot be had: told in the log and in the event, and the call goes on without it. */
export class SoundError extends Error {
  constructor(
    readonly reason: 'not_found' | 'not_playable' | 'speech_failed' | 'timeout',
    message: string,
  ) {
    super(message);
    this.name = 'SoundError';
  }
}
