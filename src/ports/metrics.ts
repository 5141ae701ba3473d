import type { Outcome } from '../domain/outcome.js';

/** What became of one delivery attempt of an event; a label, so the set is closed. */
export type DeliveryResult = 'delivered' | 'refused' | 'gone' | 'timeout' | 'unreachable';

/** Why an event was never delivered. */
export type LossReason = 'queue_full' | 'given_up' | 'endpoint_gone' | 'closed';

/**
 * What happened, told to whoever counts. Methods are named by the happening, not by a metric; no label ever
 * carries a phone number, a host or an id.
 */
export interface Metrics {
  callStarted(channel: string): void;
  callEnded(): void;
  legOpened(): void;
  legClosed(): void;
  transferStarted(): void;
  /** The one verdict of a transfer; `method` of the attempt it rests on, or the command's when none was made. */
  transferEnded(method: string, outcome: Outcome, seconds: number): void;
  /** `trunk` is `null` for a target reached directly. */
  attemptStarted(method: string, trunk: string | null): void;
  /** An event the phase does not expect (DESIGN 3: ignored explicitly and counted). */
  ignored(phase: string, event: string): void;
  /** The ledger of an ended call still held something of this kind (`leg`, `timer`, ...). */
  leaked(kind: string): void;
  /** One delivery attempt to a bot's endpoint. */
  eventDelivered(result: DeliveryResult, seconds: number): void;
  eventLost(reason: LossReason): void;
  /** What waits to be written to the store. */
  storeBacklog(writes: number): void;
  /** A write of the store that was given up. */
  storeWriteLost(kind: 'record' | 'event'): void;
  dependencyChanged(name: string, up: boolean): void;
  /** A watched trunk; names are the configuration's, so the set of labels is bounded by it. */
  trunkChanged(trunk: string, up: boolean): void;
  /** Calls of transfers on a trunk, ringing or talking, and REFERs without a verdict. */
  trunkInUse(trunk: string, calls: number): void;
}

/** The page a scraper reads. */
export interface MetricsPage {
  readonly contentType: string;
  text(): Promise<string>;
}
