import type { Clock } from '../../ports/clock.js';
import { MediaError } from '../../ports/media.js';

/** The promise, or a {@link MediaError} when it has not settled in time; what it becomes then is nobody's concern. */
export function within<T>(clock: Clock, ms: number, what: string, promise: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const takeBack = clock.after(ms, () =>
      reject(new MediaError('timeout', `${what}: no answer in ${ms} ms`)),
    );
    promise.then(
      (value) => {
        takeBack();
        resolve(value);
      },
      (error: unknown) => {
        takeBack();
        reject(mediaError(what, error));
      },
    );
  });
}

/** SIP codes that speak of the server, not of what it was asked. */
const UNAVAILABLE: ReadonlySet<number> = new Set([480, 500, 503, 504]);

/** Whatever fsmrf and srf reject with, in the words of the port. */
export function mediaError(what: string, error: unknown): MediaError {
  if (error instanceof MediaError) return error;
  const message = error instanceof Error ? error.message.trim() : String(error);
  const status = statusOf(error);
  if (status === 408) return new MediaError('timeout', `${what}: ${message}`);
  const reason = status !== null && UNAVAILABLE.has(status) ? 'unavailable' : 'refused';
  return new MediaError(reason, `${what}: ${message}`);
}

function statusOf(error: unknown): number | null {
  const known = typeof error === 'object' && error !== null && 'status' in error;
  return known && typeof error.status === 'number' ? error.status : null;
}
