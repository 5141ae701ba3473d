import type { CallId, SessionId, TransferId } from '../domain/ids.js';
import type { TransferStatus } from '../domain/outcome.js';
import type { PublishedEvent } from './bot-runtime.js';
import type { LadderEntry } from './ladder.js';
import type { SessionNotes, TransferFilter, TransferPage, TransferRecord } from './transfer-record.js';

/** `stale`: a newer revision is stored; nothing was changed. */
export type PutResult = 'written' | 'stale';

export interface StoreHealth {
  /** `degraded`: calls and transfers go on, writes wait, reads may fail. */
  readonly word: 'up' | 'degraded';
  /** What is wrong, in words; `null` when nothing is. */
  readonly detail: string | null;
}

/**
 * Where records and events live, in memory or on another host. A store that is gone or slow never holds up a call:
 *
 * - writes are taken at once and carried out in order; their promise settles when they are, or rejects with
 *   `store_unavailable` once they are given up (a bound was reached, or the store was closed);
 * - reads see every write made before through the same store, and reject with `store_unavailable` when that takes
 *   too long.
 */
export interface Store {
  /** Replaces the record unless a newer revision is stored; the same revision again is a repetition, and written. */
  putTransfer(record: TransferRecord): Promise<PutResult>;
  getTransfer(id: TransferId): Promise<TransferRecord | undefined>;
  getSession(id: SessionId): Promise<TransferRecord | undefined>;
  /** Newest first. */
  listTransfers(filter: TransferFilter): Promise<TransferPage>;
  /**
   * Writes a record in the place of the one of revision `known` (0: there is none yet), at once and past every write
   * that waits; `stale`: there is another one by now, and nothing was changed. Rejects with `store_unavailable`.
   */
  exchangeTransfer(record: TransferRecord, known: number): Promise<PutResult>;
  /**
   * What others than the engine of its call say about a transfer, beside the engine's own part: neither writes over the
   * other. Returns the record as it is now; `undefined`: there is none. Rejects with `store_unavailable`.
   */
  annotateTransfer(id: TransferId, notes: SessionNotes): Promise<TransferRecord | undefined>;
  /** Live records whose time has run out at `now` (ms since the epoch), a bounded number of them. */
  expiredTransfers(now: number): Promise<readonly TransferRecord[]>;
  /** Keeps the ladder of an ended call for as long as records of its transfers; bounded, the middle goes first. */
  putLadder(id: CallId, ladder: readonly LadderEntry[]): Promise<void>;
  getLadder(id: CallId): Promise<readonly LadderEntry[] | undefined>;
  /** The last transfer of a call with a verdict, also after the call is gone. */
  lastStatus(callId: CallId): Promise<TransferStatus | undefined>;
  /**
   * Appends to the event log and returns the event's cursor (opaque, increasing). An event that is there already, by
   * whoever, stays where it is: after a take-over events are told again.
   */
  appendEvent(event: PublishedEvent): Promise<string>;
  /** Events after `cursor` (`undefined`, or one this log never gave out: from the oldest kept), oldest first. */
  readEvents(
    cursor: string | undefined,
    limit: number,
  ): Promise<readonly { readonly cursor: string; readonly event: PublishedEvent }[]>;
  /** What {@link claimIdempotencyKey} stored, without storing: asked before the command is carried out. */
  findIdempotentAnswer(scope: string, key: string): Promise<IdempotentAnswer | undefined>;
  /** First call stores and returns `undefined`; a later one with the same key returns what was stored. */
  claimIdempotencyKey(
    scope: string,
    key: string,
    value: IdempotentAnswer,
  ): Promise<IdempotentAnswer | undefined>;
  /** The row `store` of `/readyz`; asks nobody. */
  health(): StoreHealth;
  /** Carries out the writes still waiting, within a deadline, and lets go. */
  close(): Promise<void>;
}

export interface IdempotentAnswer {
  /** Hash of the request body: the same key with another body is the user's mistake. */
  readonly fingerprint: string;
  readonly status: number;
  readonly body: unknown;
}
