import { createHash } from 'node:crypto';
import { lstat, mkdir, readdir, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Clock, Random } from '../../ports/clock.js';

interface Entry {
  readonly bytes: number;
  readonly madeAt: number;
  /** Milliseconds since the epoch, as {@link Entry.madeAt}. */
  usedAt: number;
}

export interface CachedSound {
  readonly path: string;
  readonly madeAt: number;
}

/** Writing down each use of a popular prompt would cost more than the prompt. */
const TOUCH_MS = 60_000;
const NAME = /^[0-9a-f]{40}\.wav$/;
/** Files a crash left half written; nobody is still writing one of that age. */
const LEFT_OVER_MS = 3_600_000;

/** WAV files on disk by a hash of what they say. Bounded in size: what was not used longest goes first. */
export class SoundCache {
  private readonly entries = new Map<string, Entry>();
  private bytes = 0;
  private ready: Promise<void> | null = null;

  constructor(
    private readonly dir: string,
    private readonly maxBytes: number,
    private readonly clock: Clock,
    private readonly random: Pick<Random, 'uuid'>,
  ) {}

  async get(key: string): Promise<CachedSound | null> {
    await this.opened();
    const name = nameOf(key);
    const path = join(this.dir, name);
    const entry = this.entries.get(name) ?? (await this.discover(name));
    if (entry === undefined) return null;
    // Somebody may have emptied the directory.
    if ((await stat(path).catch(() => null)) === null) {
      this.forget(name);
      return null;
    }
    await this.touch(name, entry);
    return { path, madeAt: entry.madeAt };
  }

  /** Written under another name first: nobody ever plays half a file. */
  async put(key: string, wav: Buffer): Promise<CachedSound> {
    await this.opened();
    const name = nameOf(key);
    const path = join(this.dir, name);
    const draft = join(this.dir, `.${name}.${this.random.uuid()}`);
    try {
      await writeFile(draft, wav);
      await rename(draft, path);
    } catch (error) {
      await rm(draft, { force: true });
      throw error;
    }
    const now = this.clock.now();
    this.remember(name, { bytes: wav.length, madeAt: now, usedAt: now });
    await this.shrink(name);
    return { path, madeAt: now };
  }

  private opened(): Promise<void> {
    this.ready ??= this.open().catch((error: unknown) => {
      this.ready = null;
      throw error;
    });
    return this.ready;
  }

  private async open(): Promise<void> {
    await mkdir(this.dir, { recursive: true, mode: 0o755 });
    await this.refuseForeign();
    for (const name of await readdir(this.dir)) {
      if (NAME.test(name)) await this.discover(name);
      else if (name.startsWith('.') && NAME.test(name.slice(1, 45))) await this.removeLeftOver(name);
    }
  }

  /** Where everybody may write, another user could have made the directory, and would choose what our callers hear. */
  private async refuseForeign(): Promise<void> {
    const around = await stat(dirname(this.dir));
    const own = await lstat(this.dir);
    const uid = process.getuid?.();
    if ((around.mode & 0o002) === 0 || uid === undefined || (own.isDirectory() && own.uid === uid)) return;
    throw new Error(`${this.dir} belongs to somebody else; set sounds.cacheDir to a directory of your own`);
  }

  /** Another engine may have made it. */
  private async discover(name: string): Promise<Entry | undefined> {
    const found = await stat(join(this.dir, name)).catch(() => null);
    if (found === null) return undefined;
    const entry = { bytes: found.size, madeAt: found.mtimeMs, usedAt: found.atimeMs };
    this.remember(name, entry);
    return entry;
  }

  private async removeLeftOver(name: string): Promise<void> {
    const path = join(this.dir, name);
    const found = await stat(path).catch(() => null);
    if (found !== null && found.mtimeMs < this.clock.now() - LEFT_OVER_MS) await rm(path, { force: true });
  }

  private async touch(name: string, entry: Entry): Promise<void> {
    const now = this.clock.now();
    const before = entry.usedAt;
    entry.usedAt = now;
    // The order of the map is the order of use.
    this.entries.delete(name);
    this.entries.set(name, entry);
    if (now - before < TOUCH_MS) return;
    await utimes(join(this.dir, name), now / 1000, entry.madeAt / 1000).catch(() => undefined);
  }

  private remember(name: string, entry: Entry): void {
    this.forget(name);
    this.entries.set(name, entry);
    this.bytes += entry.bytes;
  }

  private forget(name: string): void {
    this.bytes -= this.entries.get(name)?.bytes ?? 0;
    this.entries.delete(name);
  }

  private async shrink(keep: string): Promise<void> {
    if (this.bytes <= this.maxBytes) return;
    const byUse = [...this.entries].sort(([, a], [, b]) => a.usedAt - b.usedAt);
    for (const [name] of byUse) {
      if (this.bytes <= this.maxBytes) return;
      if (name === keep) continue;
      this.forget(name);
      await rm(join(this.dir, name), { force: true });
    }
  }
}

const nameOf = (key: string): string => `${createHash('sha256').update(key).digest('hex').slice(0, 40)}.wav`;
