import type { Clock } from '../../../ports/clock.js';
import type { Link } from '../link.js';
import type { Script } from '../scripts.js';
import { within } from '../within.js';

export type Sent = readonly [script: Script, keys: readonly string[], args: readonly (string | number)[]];

/** Asks Redis and waits as long as a call may wait. Answers come in the order in which the questions were answered. */
export class Wire {
  constructor(
    private readonly link: Pick<Link, 'isReady' | 'commands'>,
    private readonly clock: Pick<Clock, 'after'>,
    private readonly answerMs: number,
  ) {}

  /** Rejects when nothing comes in time. Then `late` is told what comes all the same, when it comes. */
  ask<T>([script, keys, args]: Sent, read: (answer: unknown) => T, late?: (value: T) => void): Promise<T> {
    if (!this.link.isReady) return Promise.reject(new Error('not connected'));
    let isLate = false;
    const answer = script.run(this.link.commands, keys, args).then((value): T => {
      const said = read(value);
      if (isLate) late?.(said);
      return said;
    });
    const inTime = within(this.clock, this.answerMs, answer);
    inTime.catch(() => (isLate = true));
    return inTime;
  }

  /** Takes members out of sorted sets. Resolves when that is done or never will be; no call waits for it. */
  async remove(keys: readonly string[], members: readonly string[]): Promise<void> {
    const { link } = this;
    if (!link.isReady) return;
    // No script: one a restarted server has to be shown again would overtake what is asked next.
    await Promise.allSettled(keys.map((key) => link.commands.zrem(key, ...members)));
  }
}
