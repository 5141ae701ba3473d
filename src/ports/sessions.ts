import type { SessionId, TransferId } from '../domain/ids.js';
import type { OnceKey } from './control.js';
import type { ChannelKind, SessionStatus, TransferRecord } from './transfer-record.js';

export const SESSION_ACTIONS = ['end', 'cancel', 'retry', 'return'] as const;
/** What may be asked of a session (docs/sessions.md). */
export type SessionAction = (typeof SESSION_ACTIONS)[number];

/** A session that has no call of ours: a chat, a mail. */
export interface NewSession {
  readonly channel: Exclude<ChannelKind, 'voice'>;
  /** The conversation it belongs to, as whoever makes it names that; made up when not given. */
  readonly conversationId?: string;
  readonly channelId: string;
  readonly contact: string;
  readonly agent: string;
  readonly provider: string;
  readonly providerSessionId: string | null;
  readonly queue: string | null;
  readonly reason: string | null;
  readonly metadata: Readonly<Record<string, unknown>>;
}

/** What is left out stays as it is. */
export interface SessionChange {
  readonly status?: Exclude<SessionStatus, 'pending'>;
  readonly queue?: string | null;
  readonly providerSessionId?: string | null;
  readonly providerData?: Readonly<Record<string, unknown>>;
}

export interface SessionActed {
  readonly action: SessionAction;
  readonly sessionId: SessionId;
  /** Of a retry: the transfer that has begun. */
  readonly transfer: { readonly transferId: TransferId; readonly sessionId: SessionId } | null;
}

/** Sessions as people and providers change them. Everything rejects with an `AppError`, `store_unavailable` among them. */
export interface Sessions {
  create(wish: NewSession): Promise<TransferRecord>;
  /** Each change is a sign of life. `session_not_found`, `session_over`, `session_state`, `session_follows_call`. */
  change(id: SessionId, change: SessionChange): Promise<TransferRecord>;
  /**
   * `session_not_found`, `session_over`, `session_state`, and what `Control` refuses. Of several retries with the same
   * {@link OnceKey} one is carried out.
   */
  act(id: SessionId, action: SessionAction, once?: OnceKey): Promise<SessionActed>;
  /** `session_not_found`; `session_state`: it needs no follow-up. One that is done stays as it was done. */
  followUpDone(id: SessionId, note: string | null): Promise<TransferRecord>;
}
