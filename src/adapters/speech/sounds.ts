import { setMaxListeners } from 'node:events';
import { phoneAudio } from '../../audio/phone-audio.js';
import { WavError } from '../../audio/wav.js';
import type { Message } from '../../domain/plan.js';
import type { Sound } from '../../domain/sound.js';
import { hostPortOf } from '../../domain/sound-settings.js';
import type { PlayableSound } from '../../ports/media.js';
import { SoundError, type Sounds } from '../../ports/sounds.js';
import type { Speech } from '../../ports/speech.js';
import { createSpeech } from './create-speech.js';
import { within } from './deadline.js';
import { SOUND_LIMITS, type SoundLimits, type SoundsOptions } from './options.js';
import { Rest } from './rest.js';
import { SoundCache } from './sound-cache.js';
import { SoundFiles } from './sound-files.js';
import { Turns } from './turns.js';

export const createSounds = (options: SoundsOptions): Sounds => new CachedSounds(options);

/** Files as they are; what is spoken or fetched is made a file first, once, and kept. */
class CachedSounds implements Sounds {
  private readonly limits: SoundLimits;
  private readonly speech: Speech | null;
  private readonly files: SoundFiles;
  private readonly cache: SoundCache;
  private readonly turns: Turns;
  private readonly rest: Rest;
  private readonly closing = new AbortController();
  /** Being made: whoever wants the same waits for the same. */
  private readonly making = new Map<string, Promise<string>>();

  constructor(private readonly options: SoundsOptions) {
    const { settings, clock, random } = options;
    const speakMs = settings.speech?.timeoutMs ?? SOUND_LIMITS.speakMs;
    this.limits = { ...SOUND_LIMITS, speakMs, ...options.limits };
    this.speech = options.speech ?? createSpeech(settings.speech, options.fetcher);
    this.files = new SoundFiles(settings);
    this.cache = new SoundCache(settings.cacheDir, settings.cacheMaxMb * 1_000_000, clock, random);
    this.turns = new Turns(this.limits.parallel);
    // Everything under way listens for the end.
    setMaxListeners(0, this.closing.signal);
    this.rest = new Rest(clock, this.limits);
  }

  async resolve(sound: Sound): Promise<readonly PlayableSound[]> {
    if (sound.kind === 'ringback') return [{ tone: this.options.settings.ringback }];
    const { speakMs, fetchMs, diskMs } = this.limits;
    const file = await this.within(Math.max(speakMs, fetchMs) + diskMs, () =>
      sound.kind === 'music' ? this.files.find(sound.file) : this.said(sound.message),
    );
    return [{ file }];
  }

  /** One after the other: nobody waits for them, and the processor belongs to the calls. */
  async warm(texts: readonly string[]): Promise<void> {
    for (const text of new Set(texts)) {
      if (this.closing.signal.aborted) return;
      await this.spoken(text).catch((error: unknown) => {
        this.options.log.warn({ text, problem: messageOf(error) }, 'a text could not be spoken in advance');
      });
    }
  }

  async close(): Promise<void> {
    this.closing.abort();
    await Promise.allSettled(this.making.values());
    await this.options.fetcher.close();
  }

  private said({ text, file, audioUri }: Message): Promise<string> {
    if (file !== undefined) return this.files.find(file);
    if (text !== undefined) return this.spoken(text);
    if (audioUri !== undefined) return this.fetched(audioUri);
    return Promise.reject(new SoundError('not_found', 'the message says nothing'));
  }

  private async spoken(given: string): Promise<string> {
    const { speech } = this;
    if (speech === null) throw new SoundError('speech_failed', 'there is no speech; configure sounds.speech');
    const text = given.replace(/[\p{Cc}\s]+/gu, ' ').trim();
    if (text === '') throw new SoundError('not_found', 'the text is empty');
    const key = `text ${speech.identity} ${text}`;
    const cached = await this.cacheGet(key);
    return this.files.onMediaServer(cached?.path ?? (await this.make(key, () => this.speak(speech, text))));
  }

  private speak(speech: Speech, text: string): Promise<Buffer> {
    return this.rest.guard(() =>
      this.within(this.limits.speakMs, async (signal) => {
        const done = await this.turns.take(signal);
        try {
          return await speech.speak(text, signal);
        } finally {
          done();
        }
      }),
    );
  }

  /** Only from hosts the configuration names: what a bot says must not make us knock at other doors (SSRF). */
  private async fetched(uri: string): Promise<string> {
    const url = URL.canParse(uri) ? new URL(uri) : null;
    if (url === null || !/^https?:$/.test(url.protocol) || url.username !== '' || url.password !== '')
      throw new SoundError('not_found', 'audioUri is no http(s) URL without credentials');
    if (!this.options.settings.allowHosts.includes(hostPortOf(url.href)))
      throw new SoundError('not_found', `${hostPortOf(url.href)} is not among sounds.allowHosts`);
    const key = `uri ${url.href}`;
    const cached = await this.cacheGet(key);
    const fresh = cached !== null && this.options.clock.now() - cached.madeAt < this.limits.freshMs;
    if (fresh) return this.files.onMediaServer(cached.path);
    const made = this.make(key, () => this.fetch(url.href));
    if (cached === null) return this.files.onMediaServer(await made);
    return this.files.onMediaServer(await made.catch((error: unknown) => this.stale(cached.path, error)));
  }

  private stale(path: string, error: unknown): string {
    this.options.log.warn(
      { problem: messageOf(error) },
      'audio could not be fetched again; the old one is played',
    );
    return path;
  }

  private fetch(url: string): Promise<Buffer> {
    const wanted = { method: 'GET', url, headers: {}, body: null, maxBytes: this.limits.fetchBytes } as const;
    return this.within(this.limits.fetchMs, (signal) => this.options.fetcher.fetch(wanted, signal));
  }

  /** The path of a new file in the cache. */
  private make(key: string, audio: () => Promise<Buffer>): Promise<string> {
    const already = this.making.get(key);
    if (already !== undefined) return already;
    const made = audio()
      .then(phoneAudio)
      .then((wav) => this.cache.put(key, wav))
      .then(
        ({ path }) => path,
        (error: unknown) => {
          throw asSoundError(error);
        },
      )
      .finally(() => this.making.delete(key));
    this.making.set(key, made);
    return made;
  }

  private cacheGet(key: string) {
    return this.cache.get(key).catch((error: unknown) => {
      throw asSoundError(error);
    });
  }

  private within<T>(ms: number, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    return within(ms, this.options.clock, this.closing.signal, work);
  }
}

function asSoundError(error: unknown): SoundError {
  if (error instanceof SoundError) return error;
  if (error instanceof WavError) return new SoundError('not_playable', `the audio ${error.message}`);
  return new SoundError('speech_failed', `the cache cannot be used: ${messageOf(error)}`);
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
