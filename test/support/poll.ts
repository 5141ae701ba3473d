import { setTimeout as sleep } from 'node:timers/promises';
import type { EventEmitter } from 'node:events';

/** Waits until a condition holds; the error tells what was last seen. */
export async function until(
  condition: () => boolean,
  what: string | (() => string),
  timeoutMs = 3000,
  stepMs = 5,
): Promise<void> {
  const end = performance.now() + timeoutMs;
  while (!condition()) {
    if (performance.now() > end) {
      throw new Error(`not within ${timeoutMs} ms: ${typeof what === 'string' ? what : what()}`);
    }
    await sleep(stepMs);
  }
}

/** The arguments of the next event, or an error after a while (an event that never comes must not hang). */
export function nextEvent(emitter: EventEmitter, name: string, timeoutMs = 3000): Promise<unknown[]> {
  const error = new Error(`no '${name}' event within ${timeoutMs} ms`);
  const next = new Promise<unknown[]>((resolve, reject) => {
    const listener = (...args: unknown[]): void => {
      clearTimeout(timer);
      resolve(args);
    };
    const timer = setTimeout(() => {
      emitter.removeListener(name, listener);
      reject(error);
    }, timeoutMs);
    emitter.once(name, listener);
  });
  // Awaited later than made: a test that fails in between must not fail twice.
  next.catch(() => undefined);
  return next;
}

export { sleep };
