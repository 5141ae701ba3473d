import type { TransferId } from '../../domain/ids.js';
import type { EventSink } from '../../domain/settings.js';
import type { PublishedEvent } from '../../ports/bot-runtime.js';

/** An event on its way to a bot: its bytes, and how often it was tried. */
export interface QueuedEvent {
  readonly id: PublishedEvent['id'];
  readonly type: PublishedEvent['type'];
  readonly callId: PublishedEvent['callId'];
  /** `null`: of the call itself. */
  readonly transferId: TransferId | null;
  readonly channel: string;
  /** The call's number for what it waits for; `null`: it waits for nothing. */
  readonly question: number | null;
  /** Sent along by HTTP, beside those of the signature. */
  readonly headers: Readonly<Record<string, string>>;
  readonly secret: EventSink['secret'];
  readonly body: Buffer;
  /** Which drains wait for it ({@link Outstanding}). */
  readonly ticket: number;
  /** Told once when it is delivered, or given up for good. */
  readonly settled: () => void;
  attempts: number;
  /** When it was first tried; 0 before. */
  firstAt: number;
}
