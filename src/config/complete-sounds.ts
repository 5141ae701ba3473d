import { tmpdir } from 'node:os';
import { dirname, isAbsolute, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Machine } from './machine.js';
import type { Config } from './schema.js';
import { ESPEAK, ESPEAK_VOICE, SPEECH_TIMEOUT_MS } from './schema-sounds.js';

/** Sound files that come with Switchhook. */
export const SHIPPED_SOUNDS = fileURLToPath(new URL('../../config/sounds', import.meta.url));

/** The configuration with every directory as a full path, and `speech: auto` replaced by what this machine has. */
export function completeSounds(config: Config, file: string, machine: Machine): Config {
  const base = dirname(resolve(file));
  const { sounds } = config;
  const dir = resolve(base, sounds.dir);
  const cacheDir =
    sounds.cacheDir === undefined ? usualCache(dir, sounds.mediaDir) : resolve(base, sounds.cacheDir);
  const channels = Object.entries(config.channels).map(([id, channel]) => [
    id,
    withRecordings(channel, config, base),
  ]);
  const { cdr } = config;
  return {
    ...config,
    cdr: cdr.file === undefined ? cdr : { ...cdr, file: resolve(base, cdr.file) },
    sounds: { ...sounds, dir, cacheDir, speech: speechOf(sounds.speech, machine) },
    channels: Object.fromEntries(channels) as Config['channels'],
  };
}

/** Media servers elsewhere see only what lies below `dir`. Users of one machine must not meet in one directory. */
const usualCache = (dir: string, mediaDir: string | undefined): string =>
  mediaDir === undefined
    ? join(tmpdir(), `switchhook-speech-${process.getuid?.() ?? 'user'}`)
    : join(dir, 'cache');

function withRecordings(
  channel: Config['channels'][string],
  { media }: Config,
  base: string,
): Config['channels'][string] {
  const { recording } = channel;
  if (recording === undefined || isAbsolute(recording.dir) || Array.isArray(media.server)) return channel;
  return { ...channel, recording: { ...recording, dir: resolve(base, recording.dir) } };
}

type Speech = Config['sounds']['speech'];

function speechOf(speech: Speech, machine: Machine): Speech {
  if (speech !== 'auto') return speech;
  const [program = ''] = ESPEAK;
  if (!machine.runs(program)) return 'none';
  return { kind: 'command', command: ESPEAK, voice: ESPEAK_VOICE, timeoutMs: SPEECH_TIMEOUT_MS };
}

/** Where a sound file of the configuration is looked for on this machine. */
export function soundPlaces({ sounds }: Config, file: string): readonly string[] {
  if (isAbsolute(file)) return [file];
  return soundDirs(sounds).map((dir) => join(dir, file));
}

/** Media servers elsewhere do not see the files that come with Switchhook. */
export const soundDirs = ({ dir, mediaDir }: Config['sounds']): readonly [string, ...string[]] =>
  mediaDir === undefined ? [dir, SHIPPED_SOUNDS] : [dir];

export const isBelow = (dir: string, path: string): boolean =>
  path.startsWith(dir.endsWith('/') ? dir : `${dir}/`);
