import type { Clock } from '../../ports/clock.js';

export class NoAnswer extends Error {
  override readonly name = 'NoAnswer';
}

/** The promise, or {@link NoAnswer} when it has not settled in time; what it becomes then is nobody's concern. */
export function within<T>(clock: Pick<Clock, 'after'>, ms: number, promise: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const takeBack = clock.after(ms, () => reject(new NoAnswer(`no answer in ${ms} ms`)));
    promise.then(
      (value) => {
        takeBack();
        resolve(value);
      },
      (error: unknown) => {
        takeBack();
        reject(error instanceof Error ? error : new Error(String(error)));
      },
    );
  });
}
