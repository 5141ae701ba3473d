import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import type { CommandSpeechSettings } from '../../domain/sound-settings.js';
import { SoundError } from '../../ports/sounds.js';
import type { Speech } from '../../ports/speech.js';
import { reasonOf } from './deadline.js';

/** Some ten minutes of speech at 16 kHz: no text we take is that long. */
const MAX_OUTPUT_BYTES = 20_000_000;

/** Speech by a program: the text on its stdin, a WAV file on its stdout, no shell in between. */
export function createCommandSpeech({ command, voice }: CommandSpeechSettings): Speech {
  const [program, ...args] = command.map((part) => part.replaceAll('{voice}', voice));
  if (program === undefined) throw new Error('a command has a program');
  return {
    identity: JSON.stringify([program, ...args]),
    speak: (text, signal) => run(program, args, text, signal),
  };
}

function run(program: string, args: readonly string[], text: string, signal: AbortSignal): Promise<Buffer> {
  if (signal.aborted) return Promise.reject(reasonOf(signal));
  // A group of its own, so that what the program started ends with it.
  const child = spawn(program, args, { stdio: 'pipe', detached: true });
  return new Promise((resolve, reject) => {
    const fail = (error: Error): void => {
      killGroup(child);
      reject(error);
    };
    const stopped = (): void => fail(reasonOf(signal));
    signal.addEventListener('abort', stopped, { once: true });
    const heard = collect(child, () => fail(failure(program, `wrote more than ${MAX_OUTPUT_BYTES} bytes`)));
    child.once('error', (error) => {
      signal.removeEventListener('abort', stopped);
      fail(failure(program, `cannot be started: ${'code' in error ? String(error.code) : error.name}`));
    });
    child.once('close', (code, killedBy) => {
      signal.removeEventListener('abort', stopped);
      if (code === 0) resolve(Buffer.concat(heard.stdout));
      else reject(failure(program, `ended with ${code ?? killedBy ?? 'nothing'}: ${heard.complaint()}`));
    });
    // A program that ends without reading is judged by its exit code.
    child.stdin.on('error', () => undefined);
    child.stdin.end(text);
  });
}

function collect(
  child: ChildProcessWithoutNullStreams,
  tooMuch: () => void,
): { readonly stdout: readonly Buffer[]; readonly complaint: () => string } {
  const stdout: Buffer[] = [];
  let bytes = 0;
  let stderr = '';
  child.stdout.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes > MAX_OUTPUT_BYTES) tooMuch();
    else stdout.push(chunk);
  });
  child.stderr.on('data', (chunk: Buffer) => {
    stderr = (stderr + chunk.toString('utf8')).slice(-500);
  });
  return { stdout, complaint: () => stderr.trim().split('\n').at(-1) ?? '' };
}

const failure = (program: string, why: string): SoundError =>
  new SoundError('speech_failed', `${program} ${why}`);

/** Also when the program itself has ended: what it started may hold on to its stdout. */
function killGroup({ pid }: ChildProcessWithoutNullStreams): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // Gone in the meantime.
  }
}
