import type { BotEvent } from '../domain/bot-event.js';
import type { CallId, EventId } from '../domain/ids.js';

/** A bot event with everything the wire needs; what the event log keeps and replays. */
export type PublishedEvent = BotEvent & {
  readonly id: EventId;
  /** 1, 2, 3 ... within a call. */
  readonly seq: number;
  /** ISO 8601, UTC, milliseconds. */
  readonly time: string;
  readonly callId: CallId;
  readonly channel: string;
};

/**
 * Tells bots what happened. In order per call, at least once, the same id on every retry; never blocks a call:
 * `publish` returns at once and a bot that is slow or down costs memory up to a limit, not time.
 */
export interface BotRuntime {
  publish(event: PublishedEvent): void;
  /** Resolves when everything published so far is delivered or given up, or after `ms`. */
  drain(ms: number): Promise<void>;
  close(): Promise<void>;
}
