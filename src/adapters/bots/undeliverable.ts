import type { EventId } from '../../domain/ids.js';
import type { Clock } from '../../ports/clock.js';
import type { DeadLetter, DeadLetters } from '../../ports/dead-letters.js';
import type { Log } from '../../ports/log.js';

interface Burial {
  readonly letter: DeadLetter;
  /** Told once it is with the dead letters. */
  readonly done: () => void;
}

export interface UndeliverableParts {
  readonly letters: Pick<DeadLetters, 'put'>;
  readonly clock: Clock;
  readonly log: Log;
  /** Letters that may wait for the store. */
  readonly limit: number;
}

/** Written at once. */
const BATCH = 50;
const RETRY_MS = 1_000;

/** Puts what could not be delivered with the dead letters; while the store is away it waits, up to a limit. */
export class Undeliverable {
  private readonly waiting = new Map<EventId, Burial>();
  private running = false;
  private closed = false;
  private stopPause: () => void = () => undefined;

  constructor(private readonly parts: UndeliverableParts) {}

  get size(): number {
    return this.waiting.size;
  }

  /** `done` is not called when it cannot be kept: then the event stays where unsettled events are. */
  bury(letter: DeadLetter, done: () => void): void {
    const { id } = letter.event;
    if (this.closed) return;
    if (this.waiting.size >= this.parts.limit) {
      this.parts.log.error({ eventId: id, why: letter.why }, 'a dead letter was not kept: too many wait');
      return;
    }
    this.waiting.set(id, { letter, done });
    void this.run();
  }

  /** What is being written is; what waits is not. */
  close(): void {
    this.closed = true;
    this.stopPause();
  }

  private async run(): Promise<void> {
    if (this.running) return;
    this.running = true;
    while (this.waiting.size > 0 && !this.closed) {
      const batch = [...this.waiting.values()].slice(0, BATCH);
      const written = await Promise.all(batch.map((burial) => this.put(burial)));
      if (!written.includes(true)) await this.pause();
    }
    this.running = false;
  }

  private async put(burial: Burial): Promise<boolean> {
    const { letter, done } = burial;
    const { id } = letter.event;
    try {
      await this.parts.letters.put(letter);
    } catch (error) {
      this.parts.log.debug({ err: error, eventId: id }, 'a dead letter waits for the store');
      return false;
    }
    // A newer one of the same event may have come meanwhile.
    if (this.waiting.get(id) === burial) this.waiting.delete(id);
    done();
    return true;
  }

  private pause(): Promise<void> {
    return new Promise((resolve) => {
      const cancel = this.parts.clock.after(RETRY_MS, resolve);
      this.stopPause = () => {
        cancel();
        resolve();
      };
    });
  }
}
