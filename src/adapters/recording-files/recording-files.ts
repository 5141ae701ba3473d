import { mkdir, rename, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import type { RecordingFile, RecordingFiles } from '../../ports/recording-files.js';

/**
 * Recordings on this machine, or on a disk it shares with the media server: written as `.part.wav` (the server goes
 * by the extension) and renamed when whole. Where this machine cannot see the directory the server writes the name
 * itself, and a reader there must wait for the event.
 */
export function createRecordingFiles(): RecordingFiles {
  return {
    begin: async (dir, name) => {
      const path = join(dir, `${name}.wav`);
      const isHere = await mkdir(dir, { recursive: true }).then(
        () => true,
        () => false,
      );
      return { path, writing: isHere ? join(dir, `.${name}.part.wav`) : path };
    },
    complete: async ({ writing, path }: RecordingFile) => {
      if (writing === path) return path;
      // Somebody took it away, or the directory of this name is another one over there.
      return rename(writing, path).then(
        () => path,
        () => writing,
      );
    },
    discard: ({ writing, path }) =>
      writing === path ? Promise.resolve() : unlink(writing).catch(() => undefined),
  };
}
