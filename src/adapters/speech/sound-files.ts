import { constants } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import { isAbsolute, join } from 'node:path';
import { isSoundFile } from '../../audio/sound-file.js';
import { readWavFormat, WavError, whyUnplayable } from '../../audio/wav.js';
import type { SoundSettings } from '../../domain/sound-settings.js';
import { SoundError } from '../../ports/sounds.js';

/** More than any header with its tags needs. */
const HEADER_BYTES = 65_536;

/** Sound files by name: below the configured directories, and nowhere else. */
export class SoundFiles {
  /** Files found playable, with their size and time then. */
  private readonly checked = new Map<string, string>();

  constructor(private readonly settings: Pick<SoundSettings, 'dirs' | 'mediaDir' | 'files'>) {}

  /**
   * The path of a file on the media servers' machine.
   *
   * @param name below a directory; or a full path, if the configuration has it
   * @throws SoundError
   */
  async find(name: string): Promise<string> {
    if (!isSoundFile(name))
      throw new SoundError('not_found', `${JSON.stringify(name)} is no name of a sound file`);
    const { dirs, files } = this.settings;
    if (!isAbsolute(name)) return this.first(name, dirs);
    if (!files.includes(name))
      throw new SoundError('not_found', `${name} is a full path, and the configuration does not have it`);
    if (!this.isTheirs(name) && !(await this.isPlayable(name)))
      throw new SoundError('not_found', `there is no ${name}`);
    return this.onMediaServer(name);
  }

  /** A path of ours as the media servers see it. */
  onMediaServer(path: string): string {
    const { dirs, mediaDir } = this.settings;
    return mediaDir !== null && path.startsWith(`${dirs[0]}/`)
      ? join(mediaDir, path.slice(dirs[0].length))
      : path;
  }

  /** Outside the directory we share, a path is one of their machine. */
  private isTheirs(path: string): boolean {
    return this.settings.mediaDir !== null && this.onMediaServer(path) === path;
  }

  private async first(name: string, dirs: readonly string[]): Promise<string> {
    for (const dir of dirs) {
      const path = join(dir, name);
      if (await this.isPlayable(path)) return this.onMediaServer(path);
    }
    throw new SoundError('not_found', `there is no ${name} below ${dirs[0] ?? ''}`);
  }

  /** False when there is no such file. @throws SoundError `not_playable` */
  private async isPlayable(path: string): Promise<boolean> {
    const found = await stat(path).catch(() => null);
    if (found?.isFile() !== true) return false;
    const stamp = `${found.size} ${found.mtimeMs}`;
    if (this.checked.get(path) === stamp) return true;
    const why = await whyNot(path);
    if (why !== undefined) throw new SoundError('not_playable', `${path} ${why}`);
    this.checked.set(path, stamp);
    return true;
  }
}

async function whyNot(path: string): Promise<string | undefined> {
  try {
    const file = await open(path, constants.O_RDONLY);
    try {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(HEADER_BYTES), 0, HEADER_BYTES, 0);
      return whyUnplayable(readWavFormat(buffer.subarray(0, bytesRead)));
    } finally {
      await file.close();
    }
  } catch (error) {
    return error instanceof WavError ? error.message : 'cannot be read';
  }
}
