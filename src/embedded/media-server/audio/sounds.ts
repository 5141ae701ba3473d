import { readdir, readFile, stat } from 'node:fs/promises';
import { isAbsolute, join } from 'node:path';
import { RATE } from './frame.js';
import { resample } from './resample.js';
import { PcmSource, SequenceSource, SilenceSource, type AudioSource } from './source.js';
import { parseTones, ToneSource } from './tone-stream.js';
import { parseWav } from './wav.js';

/** A sound by its name, ready to be played. */
export interface OpenSound {
  /** The full path of a file; of a stream its name as it was given. */
  readonly path: string;
  readonly source: AudioSource;
  /** The same from its beginning. */
  readonly again: () => AudioSource;
}

const opened = (path: string, again: () => AudioSource): OpenSound => ({ path, source: again(), again });

interface CachedFile {
  readonly stamp: string;
  readonly samples: Int16Array;
}

/** About an hour of audio in memory; what was not used longest goes first. */
const MAX_CACHED_SAMPLES = 3600 * RATE;
/** Nothing a caller hears is longer than an hour and a half at 16 kHz. */
const MAX_FILE_BYTES = 180_000_000;

/**
 * Finds and reads what a playback names: WAV files, `silence_stream://`, `tone_stream://`, `file_string://a!b` (several
 * as one), `local_stream://name` (the WAV files of that directory of sounds, without end).
 */
export class SoundLibrary {
  private readonly cache = new Map<string, CachedFile>();
  private cachedSamples = 0;
  private readonly loading = new Map<string, Promise<Int16Array>>();
  private last: Promise<void> = Promise.resolve();

  /** @param directory where names that are not absolute are looked for */
  constructor(private readonly directory: string) {}

  /** The names of a list with the channel's own delimiter. */
  split(text: string, delimiter: string | undefined): string[] {
    return delimiter === undefined || delimiter === '' ? [text] : text.split(delimiter);
  }

  /** Null when there is no such sound, or it cannot be read as one. */
  async open(given: string): Promise<OpenSound | null> {
    const name = given.trim();
    const stream = /^(silence_stream|tone_stream):\/\/(.*)$/s.exec(name);
    if (stream !== null) return openStream(name, stream[1] ?? '', stream[2] ?? '');
    const several = /^(file_string|local_stream):\/\/(.*)$/s.exec(name);
    if (several !== null) return this.openSeveral(name, several[1] === 'local_stream', several[2] ?? '');
    if (/^[a-z_]+:\/\//i.test(name)) return null;
    // `@@` is followed by the sample to begin at.
    const seek = /^(.*)@@(\d+)$/s.exec(name);
    const path = this.resolve(seek?.[1] ?? name);
    const samples = await this.load(path);
    return samples === null ? null : opened(path, () => new PcmSource(samples, Number(seek?.[2] ?? 0)));
  }

  private async openSeveral(path: string, looped: boolean, text: string): Promise<OpenSound | null> {
    const names = looped ? await this.streamFiles(text) : text.split('!');
    const parts: (() => AudioSource)[] = [];
    // What is not there is left out, as on FreeSWITCH.
    for (const name of names) {
      const samples = await this.load(this.resolve(name));
      if (samples !== null && samples.length > 0) parts.push(() => new PcmSource(samples));
    }
    return parts.length === 0 ? null : opened(path, () => new SequenceSource(parts, looped));
  }

  private async streamFiles(name: string): Promise<string[]> {
    // A stream is a directory of sounds; its name leads nowhere else.
    if (!/^[\w-]+$/.test(name)) return [];
    const directory = join(this.directory, name);
    const files = await readdir(directory).catch(() => []);
    return files
      .filter((file) => /\.wav$/i.test(file))
      .sort()
      .map((file) => join(directory, file));
  }

  resolve(name: string): string {
    return isAbsolute(name) ? name : join(this.directory, name);
  }

  private async load(path: string): Promise<Int16Array | null> {
    try {
      const { mtimeMs, size } = await stat(path);
      const stamp = `${mtimeMs}/${size}`;
      const cached = this.cache.get(path);
      if (cached?.stamp === stamp) {
        this.cache.delete(path);
        this.cache.set(path, cached);
        return cached.samples;
      }
      return size > MAX_FILE_BYTES ? null : await this.readOnce(path, stamp);
    } catch {
      return null;
    }
  }

  /** A file many want at once is read once; and files one after another, so that reading never crowds out the streams. */
  private readOnce(path: string, stamp: string): Promise<Int16Array> {
    const key = `${path} ${stamp}`;
    const already = this.loading.get(key);
    if (already !== undefined) return already;
    const reading = this.last.then(() => this.read(path, stamp)).finally(() => this.loading.delete(key));
    this.loading.set(key, reading);
    this.last = reading.then(
      () => undefined,
      () => undefined,
    );
    return reading;
  }

  private async read(path: string, stamp: string): Promise<Int16Array> {
    const { rate, samples } = parseWav(await readFile(path));
    const converted = await resample(samples, rate, RATE);
    this.keep(path, { stamp, samples: converted });
    return converted;
  }

  private keep(path: string, file: CachedFile): void {
    this.forget(path);
    this.cache.set(path, file);
    this.cachedSamples += file.samples.length;
    for (const oldest of this.cache.keys()) {
      if (this.cachedSamples <= MAX_CACHED_SAMPLES || this.cache.size === 1) return;
      this.forget(oldest);
    }
  }

  private forget(path: string): void {
    this.cachedSamples -= this.cache.get(path)?.samples.length ?? 0;
    this.cache.delete(path);
  }
}

function openStream(path: string, kind: string, text: string): OpenSound | null {
  if (kind === 'tone_stream') {
    const script = parseTones(text);
    return script === null ? null : opened(path, () => new ToneSource(script));
  }
  // `silence_stream://ms[,noise]`; the comfort noise level is not heard over G.711 silence and is not made.
  const ms = /^(-?\d+)(?:,\d+)?$/.exec(text)?.[1];
  if (ms === undefined) return null;
  const length = Number(ms) < 0 ? null : (Number(ms) * RATE) / 1000;
  return opened(path, () => new SilenceSource(length));
}
