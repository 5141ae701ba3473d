import { createFetcher } from '../adapters/speech/fetcher.js';
import { createSounds } from '../adapters/speech/sounds.js';
import type { Config } from '../config/schema.js';
import { toSoundSettings } from '../config/to-sound-settings.js';
import type { Clock, Random } from '../ports/clock.js';
import type { Log } from '../ports/log.js';
import type { Sounds } from '../ports/sounds.js';
import type { Shutdown } from './shutdown.js';

interface SoundParts {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
}

/** What callers and agents hear. The texts of the configuration are spoken while nobody waits for them yet. */
export function startSounds(config: Config, { clock, random, log }: SoundParts, shutdown: Shutdown): Sounds {
  const settings = toSoundSettings(config);
  const sounds = createSounds({ settings, fetcher: createFetcher(), clock, random, log });
  shutdown.add(() => sounds.close());
  // Failures are logged one by one; a text is tried again when a caller is to hear it.
  if (settings.speech !== null) void sounds.warm(settings.texts);
  return sounds;
}
