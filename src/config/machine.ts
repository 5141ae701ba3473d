import { accessSync, closeSync, constants, openSync, readSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { readWavFormat, WavError, whyUnplayable } from '../audio/wav.js';
import { whyUnreadable } from './secret-files.js';

/** What a configuration must know of the machine it will run on. */
export interface Machine {
  /** Why this sound file cannot be played, completing "the file ..."; `undefined` when it can. */
  readonly unplayable: (path: string) => string | undefined;
  /** Whether there is such a program: on the PATH, or at that path. */
  readonly runs: (program: string) => boolean;
}

/** @param path the environment's PATH */
export const thisMachine = (path: string | undefined): Machine => ({
  unplayable,
  runs: (program) =>
    program.includes('/')
      ? isExecutable(program)
      : (path ?? '').split(':').some((dir) => dir !== '' && isExecutable(join(dir, program))),
});

/** More than any header with its tags needs. */
const HEADER_BYTES = 65_536;

function unplayable(path: string): string | undefined {
  try {
    return whyUnplayable(readWavFormat(headOf(path)));
  } catch (error) {
    return error instanceof WavError ? error.message : whyUnreadable(error);
  }
}

function headOf(path: string): Buffer {
  const file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const head = Buffer.alloc(HEADER_BYTES);
    return head.subarray(0, readSync(file, head, 0, HEADER_BYTES, 0));
  } finally {
    closeSync(file);
  }
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
