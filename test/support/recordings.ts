import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { isSilent, tonesIn } from './media-tones.js';
import { readWav, type WavContent } from './media-wav.js';

/** Samples of 8 kHz audio in a millisecond. */
const PER_MS = 8;
const WINDOW_MS = 100;

/** A recording as it lies on the disk, and what is heard in it. */
export class Recorded {
  readonly content: WavContent;

  constructor(readonly path: string) {
    this.content = readWav(path);
  }

  get ms(): number {
    return (this.content.tracks[0]?.length ?? 0) / PER_MS;
  }

  /** Those of the tones that are in one track all the time, leaving out its edges. */
  always(tones: readonly number[], track = 0): readonly number[] {
    const windows = this.windows(track, 2 * WINDOW_MS);
    if (windows.length === 0) throw new Error(`${this.path}: ${this.ms} ms are too short to tell`);
    return tones.filter((hz) => windows.every((w) => tonesIn(w, [hz]).length > 0));
  }

  /** Those of the tones that are in one track at any time. */
  ever(tones: readonly number[], track = 0): readonly number[] {
    return tones.filter((hz) => this.windows(track).some((w) => tonesIn(w, [hz]).length > 0));
  }

  /** Sound and silence in turn, each in ms; what is shorter than a window is left out. */
  pauses(track = 0): readonly { readonly silent: boolean; readonly ms: number }[] {
    const found: { silent: boolean; ms: number }[] = [];
    for (const window of this.windows(track)) {
      const silent = isSilent(window);
      const last = found.at(-1);
      if (last?.silent === silent) last.ms += WINDOW_MS;
      else found.push({ silent, ms: WINDOW_MS });
    }
    return found;
  }

  private windows(track: number, edgeMs = 0): readonly Int16Array[] {
    const samples = this.content.tracks[track] ?? new Int16Array();
    const [first, size] = [edgeMs * PER_MS, WINDOW_MS * PER_MS];
    const count = Math.floor((samples.length - 2 * first) / size);
    return Array.from({ length: Math.max(0, count) }, (_, i) =>
      samples.subarray(first + i * size, first + (i + 1) * size),
    );
  }
}

/** Names of what is in the directory, also of what begins with a dot. */
export const filesIn = (dir: string): readonly string[] => readdirSync(dir).sort();

/** Looks into a directory of recordings again and again: every file under a final name must be whole from its first sight. */
export class DirectoryWatch {
  /** Size of each finished file when it was first seen, and what its header said there was. */
  readonly seen = new Map<
    string,
    { readonly size: number; readonly dataBytes: number; readonly realBytes: number }
  >();
  private readonly timer: NodeJS.Timeout;

  constructor(private readonly dir: string) {
    this.timer = setInterval(() => this.look(), 2);
  }

  stop(): void {
    clearInterval(this.timer);
    this.look();
  }

  private look(): void {
    for (const name of readdirSync(this.dir)) {
      if (name.startsWith('.') || this.seen.has(name)) continue;
      const path = join(this.dir, name);
      const { dataBytes, realBytes } = readWav(path);
      this.seen.set(name, { size: statSync(path).size, dataBytes, realBytes });
    }
  }
}
