import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createFetcher } from '../../src/adapters/speech/fetcher.js';
import type { SoundsOptions } from '../../src/adapters/speech/options.js';
import { createSounds } from '../../src/adapters/speech/sounds.js';
import { wavOf } from '../../src/audio/wav.js';
import type { SoundSettings } from '../../src/domain/sound-settings.js';
import { silentLog } from '../../src/ports/log.js';
import { SoundError, type Sounds } from '../../src/ports/sounds.js';
import type { Speech } from '../../src/ports/speech.js';
import { FakeClock } from './fake-clock.js';

/** A directory that is gone when the test is over. */
export function scratchDir(): { readonly path: string; readonly remove: () => void } {
  const path = mkdtempSync(join(tmpdir(), 'switchhook-sounds-'));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}

/** A WAV file whose samples tell what was spoken. */
export const wavSaying = (text: string, rate = 8000): Buffer =>
  wavOf(
    Int16Array.from(Buffer.from(text), (byte) => byte * 100),
    rate,
  );

/** Speech that writes down what it is asked for, and does what a test tells it. */
export class FakeSpeech implements Speech {
  readonly identity: string = 'fake';
  readonly asked: string[] = [];
  answer: (text: string, signal: AbortSignal) => Promise<Buffer> = (text) => Promise.resolve(wavSaying(text));

  speak(text: string, signal: AbortSignal): Promise<Buffer> {
    this.asked.push(text);
    return this.answer(text, signal);
  }
}

export class SoundsBench {
  readonly clock = new FakeClock(Date.now());
  readonly settings: SoundSettings;
  readonly sounds: Sounds;
  private made = 0;

  constructor(
    dir: string,
    settings: Partial<SoundSettings> = {},
    options: Partial<Pick<SoundsOptions, 'speech' | 'limits' | 'log'>> = {},
  ) {
    this.settings = {
      dirs: [join(dir, 'sounds')],
      cacheDir: join(dir, 'cache'),
      cacheMaxMb: 1,
      mediaDir: null,
      files: [],
      texts: [],
      ringback: '%(2000,4000,440,480)',
      allowHosts: [],
      speech: null,
      ...settings,
    };
    this.sounds = createSounds({
      settings: this.settings,
      fetcher: createFetcher(),
      clock: this.clock,
      random: { uuid: () => `draft-${this.made++}` },
      log: silentLog,
      ...options,
    });
  }

  async say(text: string): Promise<string> {
    return fileOf(await this.sounds.resolve({ kind: 'message', message: { text } }));
  }

  async file(file: string): Promise<string> {
    return fileOf(await this.sounds.resolve({ kind: 'message', message: { file } }));
  }

  async uri(audioUri: string): Promise<string> {
    return fileOf(await this.sounds.resolve({ kind: 'message', message: { audioUri } }));
  }
}

function fileOf(sounds: Awaited<ReturnType<Sounds['resolve']>>): string {
  const [sound] = sounds;
  if (sound === undefined || !('file' in sound)) throw new Error('no file to play');
  return sound.file;
}

/** `reason: message` of a refusal. */
export async function refusal(asked: Promise<unknown>): Promise<string> {
  const error = await asked.then(
    () => null,
    (reason: unknown) => reason,
  );
  if (!(error instanceof SoundError)) throw new Error(`not refused as it should be: ${String(error)}`);
  return `${error.reason}: ${error.message}`;
}
