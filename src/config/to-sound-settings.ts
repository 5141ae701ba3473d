import { isAbsolute } from 'node:path';
import { RINGBACK } from '../audio/ringback.js';
import type { SoundSettings, SpeechSettings } from '../domain/sound-settings.js';
import { allowedHosts } from './allowed-hosts.js';
import { soundDirs } from './complete-sounds.js';
import { heardOf } from './heard.js';
import type { Config } from './schema.js';

/** A loaded configuration as what plays sounds reads it. */
export function toSoundSettings(config: Config): SoundSettings {
  const { sounds } = config;
  const heard = heardOf(config).map(({ said }) => said);
  return {
    dirs: soundDirs(sounds),
    // Loading has completed it.
    cacheDir: sounds.cacheDir ?? sounds.dir,
    cacheMaxMb: sounds.cacheMaxMb,
    mediaDir: sounds.mediaDir ?? null,
    files: heard.flatMap(({ file }) => (file !== undefined && isAbsolute(file) ? [file] : [])),
    texts: heard.flatMap(({ text }) => text ?? []),
    ringback: RINGBACK[sounds.ringback],
    allowHosts: allowedHosts(config),
    speech: toSpeech(sounds.speech),
  };
}

function toSpeech(speech: Config['sounds']['speech']): SpeechSettings | null {
  if (typeof speech === 'string') return null;
  if (speech.kind === 'http') return { ...speech, body: speech.body ?? null, secret: speech.secret ?? null };
  const [program, ...args] = speech.command;
  // The schema lets no empty command pass.
  return program === undefined ? null : { ...speech, command: [program, ...args] };
}
