import { setTimeout as sleep } from 'node:timers/promises';

/** How often something is looked at that cannot call back: a file another process writes, a table of the engine. */
const POLL_MS = 10;

/** What `look` finds, as soon as it finds something; `undefined` after `ms`. Rejects when `signal` aborts. */
export async function until<T>(
  ms: number,
  signal: AbortSignal,
  look: () => T | undefined | Promise<T | undefined>,
): Promise<T | undefined> {
  const end = Date.now() + ms;
  for (;;) {
    signal.throwIfAborted();
    const found = await look();
    if (found !== undefined) return found;
    if (Date.now() >= end) return undefined;
    await sleep(POLL_MS, undefined, { signal });
  }
}
