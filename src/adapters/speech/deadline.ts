import type { Clock } from '../../ports/clock.js';
import { SoundError } from '../../ports/sounds.js';

/**
 * Does work that is told to stop after `ms`, or when `closing` fires, and settles then even when it does not listen.
 *
 * @throws SoundError `timeout`, or what the work throws
 */
export async function within<T>(
  ms: number,
  clock: Clock,
  closing: AbortSignal,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const abort = new AbortController();
  const stop = (error: SoundError): void => abort.abort(error);
  const cancel = clock.after(ms, () => stop(new SoundError('timeout', `not there within ${ms} ms`)));
  const closed = (): void => stop(new SoundError('speech_failed', 'the engine is shutting down'));
  closing.addEventListener('abort', closed);
  if (closing.aborted) closed();
  try {
    return await Promise.race([work(abort.signal), aborted(abort.signal)]);
  } finally {
    cancel();
    closing.removeEventListener('abort', closed);
  }
}

/** Rejects with the reason of the signal. */
export const aborted = (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) => {
    const fail = (): void => reject(reasonOf(signal));
    if (signal.aborted) fail();
    else signal.addEventListener('abort', fail, { once: true });
  });

export const reasonOf = (signal: AbortSignal): Error =>
  signal.reason instanceof Error ? signal.reason : new SoundError('timeout', 'stopped');
