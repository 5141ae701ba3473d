import type { Evidence, Outcome, TransferStatus } from '../domain/outcome.js';
import type { CallId, SessionId, TransferId } from '../domain/ids.js';
import type { PublishedEvent } from './bot-runtime.js';

/** CONTRACT 6. */
export type SessionStatus = 'pending' | 'queued' | 'active' | 'post_agent' | 'ended';

export interface AttemptRecord {
  readonly n: number;
  readonly target: string;
  readonly method: string;
  readonly trunk: string | null;
  readonly startedAt: string;
  readonly ringingAt: string | null;
  readonly answeredAt: string | null;
  readonly endedAt: string | null;
  readonly outcome: Outcome | null;
  readonly evidence: Evidence | null;
}

/** The record of one transfer (CONTRACT 6): written before the first SIP message of the transfer. */
export interface TransferRecord {
  readonly transferId: TransferId;
  readonly sessionId: SessionId;
  readonly callId: CallId;
  /** The end user: the caller's number or address. */
  readonly contact: string;
  /** The bot that asked. */
  readonly agent: string;
  readonly provider: string;
  /** Channel id of the configuration. */
  readonly channelId: string;
  /** Kind of channel: always `voice` here. */
  readonly channel: 'voice';
  readonly status: SessionStatus;
  /** `pending` until the verdict, then one of the three. */
  readonly state: 'pending' | 'completed' | 'failed' | 'cancelled';
  readonly queue: string | null;
  readonly targets: readonly string[];
  readonly reason: string | null;
  readonly outcome: Outcome | null;
  readonly evidence: Evidence | null;
  readonly transferStatus: TransferStatus | null;
  readonly attempts: readonly AttemptRecord[];
  readonly providerSessionId: string | null;
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly providerData: Readonly<Record<string, unknown>>;
  readonly createdAt: string;
  readonly updatedAt: string;
  readonly endedAt: string | null;
  /**
   * 1, 2, 3 ... by every change: what fences a writer that was overtaken. Whoever takes a record over from another
   * writer goes on from a number that one cannot reach any more.
   */
  readonly revision: number;
}

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
  listTransfers(
    filter: TransferFilter,
  ): Promise<{ readonly items: readonly TransferRecord[]; readonly nextCursor: string | null }>;
  /** The last transfer of a call with a verdict, also after the call is gone. */
  lastStatus(callId: CallId): Promise<TransferStatus | undefined>;
  /** Appends to the event log and returns the event's cursor (opaque, increasing). */
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

export interface TransferFilter {
  readonly status?: SessionStatus;
  readonly callId?: CallId;
  readonly channelId?: string;
  readonly limit: number;
  readonly cursor?: string;
}
