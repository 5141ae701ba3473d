import type { EventId } from '../domain/ids.js';
import type { PublishedEvent } from './bot-runtime.js';
import type { DeliveryResult, LossReason } from './metrics.js';

/** An event its bot could not be told, with what is needed to tell it yet. JSON. */
export interface DeadLetter {
  readonly event: PublishedEvent;
  /** What was sent, or was to be: the event in the words of its channel's dialect. */
  readonly body: string;
  /**
   * `given_up`: refused, or nobody there, for too long; `endpoint_gone`: the endpoint is switched off; `queue_full`:
   * too much waited for it.
   */
  readonly why: Exclude<LossReason, 'closed'>;
  /** Of all its lives. */
  readonly attempts: number;
  /** To the last attempt; `null`: there was none, or it was sent on a WebSocket and not acknowledged. */
  readonly lastAnswer: LastAnswer | null;
  /** ISO 8601, UTC, milliseconds; `null`: it was never sent. */
  readonly firstTriedAt: string | null;
  readonly lastTriedAt: string | null;
  readonly diedAt: string;
}

export interface LastAnswer {
  readonly result: DeliveryResult;
  /** HTTP status; `null`: no answer came. */
  readonly status: number | null;
}

export interface DeadLetterFilter {
  readonly channel?: string;
  /** Cursor of the page before; absent, or unknown: from the oldest. */
  readonly after?: string;
  readonly limit: number;
}

export interface DeadLetterPage {
  /** Oldest first, by when each died for the first time. */
  readonly items: readonly DeadLetter[];
  /** `null`: that was all. */
  readonly nextCursor: string | null;
}

/**
 * Events that were given up, kept until they are delivered after all or thrown away. Bounded: beyond that the oldest
 * are forgotten, and named in the log. Every method rejects with `store_unavailable` when there is no answer in time.
 */
export interface DeadLetters {
  /** Takes the place of a letter with the same event. */
  put(letter: DeadLetter): Promise<void>;
  get(id: EventId): Promise<DeadLetter | undefined>;
  list(filter: DeadLetterFilter): Promise<DeadLetterPage>;
  /** How many there are, of one channel or of all. */
  count(channel?: string): Promise<number>;
  /** `false`: there was none. */
  remove(id: EventId): Promise<boolean>;
}
