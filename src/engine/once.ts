import { AppError } from '../errors.js';
import type { Clock } from '../ports/clock.js';
import type { OnceKey } from '../ports/control.js';

interface Run {
  readonly fingerprint: string;
  readonly answer: Promise<unknown>;
  readonly at: number;
}

/** Whoever got no answer asks again soon; what came of it is in the store by then, for those that ask later. */
const KEPT_MS = 60_000;
const MOST = 10_000;

/**
 * Carries out a command once, whichever engine its repetitions came to: they all end at the engine of the call. Only
 * success is remembered: what was refused may be tried again.
 */
export class Once {
  private readonly runs = new Map<string, Run>();

  constructor(private readonly clock: Pick<Clock, 'now'>) {}

  /** @throws AppError `idempotency_mismatch`: the key came with another body before */
  run<T>(scope: string, once: OnceKey | undefined, run: () => Promise<T>): Promise<T> {
    if (once === undefined) return run();
    this.forget();
    const id = `${scope}\n${once.key}`;
    const known = this.runs.get(id);
    if (known !== undefined) return repeated<T>(known, once);
    const answer = run();
    this.runs.set(id, { fingerprint: once.fingerprint, answer, at: this.clock.now() });
    answer.catch(() => this.runs.delete(id));
    return answer;
  }

  /** Oldest first, so the first that is young enough ends the look. */
  private forget(): void {
    const end = this.clock.now() - KEPT_MS;
    for (const [id, { at }] of this.runs) {
      if (at > end && this.runs.size < MOST) return;
      this.runs.delete(id);
    }
  }
}

function repeated<T>({ fingerprint, answer }: Run, once: OnceKey): Promise<T> {
  if (fingerprint === once.fingerprint) return answer as Promise<T>; // one scope has answers of one type
  const detail = `the key ${once.key} came with another body before`;
  return Promise.reject(new AppError('idempotency_mismatch', detail));
}
