import type { Phase } from '../domain/call.js';
import type { Outcome } from '../domain/outcome.js';
import type { Containment } from './cdr.js';
import type { ChannelKind } from './transfer-record.js';

/** What became of one delivery attempt of an event; a label, so the set is closed. */
export type DeliveryResult = 'delivered' | 'refused' | 'gone' | 'timeout' | 'unreachable';

/**
 * How an event went to its bot: by a request whose answer nobody waits for, by one that asks what to do next, or on the
 * bot's own connection.
 */
export type DeliveryKind = 'event' | 'question' | 'socket';

/** The three ends of a transfer, by the terminal event. */
export type TransferResult = 'completed' | 'failed' | 'cancelled';

/** `in`: a dialog a caller opened; `out`: one of ours, to a bot or a target. */
export type LegDirection = 'in' | 'out';

/** Why an event was never delivered. */
export type LossReason = 'queue_full' | 'given_up' | 'endpoint_gone' | 'closed';

/** What a ledger holds. */
export type LeakKind = 'leg' | 'timer';

/**
 * What happened, told to whoever counts. Methods are named by the happening, not by a metric; no label ever
 * carries a phone number, a host or an id.
 */
export interface Metrics {
  callStarted(channel: string): void;
  callEnded(): void;
  /** A call whose engine is gone is this one's now. */
  callTakenOver(): void;
  /** Another engine has taken a call over while this one could not be heard. */
  callLost(): void;
  /** What became of a call to a bot. */
  callContained(channel: string, result: Containment): void;
  /** A session nothing was heard of for its time to live. */
  sessionExpired(kind: ChannelKind): void;
  /** A session whose call no engine had any more. */
  sessionReaped(): void;
  /** A call detail record that could not be kept. */
  cdrLost(sink: 'file' | 'redis'): void;
  /** Legs of a live call came (positive) or went. */
  legsChanged(direction: LegDirection, by: number): void;
  /** A transfer without a verdict goes from one phase of its call to another; `null`: it begins, or has its verdict. */
  transferMoved(from: Phase | null, to: Phase | null): void;
  /** The one verdict of a transfer; `method` of the attempt it rests on, or the command's when none was made. */
  transferEnded(method: string, result: TransferResult, outcome: Outcome, seconds: number): void;
  /** A caller has changed partners, and heard neither of them for so long. */
  callerWasSilent(seconds: number): void;
  /** `trunk` is `null` for a target reached directly. */
  attemptStarted(method: string, trunk: string | null): void;
  /** An event the phase does not expect (DESIGN 3: ignored explicitly and counted). */
  ignored(phase: string, event: string): void;
  /** The ledger of an ended call still held something of this kind. */
  leaked(kind: LeakKind): void;
  /** A call was not torn down within its deadline. */
  teardownOverdue(): void;
  /** One delivery attempt to a bot's endpoint. */
  eventDelivered(result: DeliveryResult, seconds: number, kind: DeliveryKind): void;
  eventLost(reason: LossReason): void;
  /** What waits to be written to the store. */
  storeBacklog(writes: number): void;
  /** A write of the store that was given up. */
  storeWriteLost(kind: 'record' | 'event' | 'page'): void;
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
