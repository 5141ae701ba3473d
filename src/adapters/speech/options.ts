import type { SoundSettings } from '../../domain/sound-settings.js';
import type { Clock, Random } from '../../ports/clock.js';
import type { Log } from '../../ports/log.js';
import type { Speech } from '../../ports/speech.js';
import type { Fetcher } from './fetcher.js';

export interface SoundsOptions {
  readonly settings: SoundSettings;
  /** Gets what is behind URLs; closed with the sounds. */
  readonly fetcher: Fetcher;
  /** In place of the speech the settings ask for. */
  readonly speech?: Speech;
  readonly clock: Clock;
  readonly random: Pick<Random, 'uuid'>;
  readonly log: Log;
  readonly limits?: Partial<SoundLimits>;
}

/** Deadlines and bounds, each with its reason. */
export interface SoundLimits {
  /** One text, waiting for its turn included; unless given, the configuration's `timeoutMs`. */
  readonly speakMs: number;
  /** One file behind a URL, to its last byte. */
  readonly fetchMs: number;
  /** Looking for a file, and what is left of one sound when it was spoken or fetched: disks can hang too. */
  readonly diskMs: number;
  /** Texts spoken at once: programs would take the processor from the calls. */
  readonly parallel: number;
  /** Of a file behind a URL. */
  readonly fetchBytes: number;
  /** How long a fetched file is taken for what the URL stands for. */
  readonly freshMs: number;
  /** Speech that was too slow so often in a row is not asked for a while: no caller waits for a dead service. */
  readonly slowInARow: number;
  readonly restMs: number;
}

export const SOUND_LIMITS: SoundLimits = {
  speakMs: 5000,
  fetchMs: 5000,
  diskMs: 2000,
  parallel: 4,
  fetchBytes: 20_000_000,
  freshMs: 600_000,
  slowInARow: 3,
  restMs: 10_000,
};
