import type { TransferCommand } from '../domain/command.js';
import type { CallId, SessionId, TransferId } from '../domain/ids.js';
import type { Evidence, Outcome, TransferStatus } from '../domain/outcome.js';

/** CONTRACT 6. */
export const SESSION_STATUSES = ['pending', 'queued', 'active', 'post_agent', 'ended'] as const;
export type SessionStatus = (typeof SESSION_STATUSES)[number];

export const CHANNEL_KINDS = ['voice', 'chat', 'messaging', 'email', 'campaign'] as const;
/** What the end user speaks by. Only `voice` has a call of ours; a session of the others is a record. */
export type ChannelKind = (typeof CHANNEL_KINDS)[number];

export const TRANSFER_STATES = ['pending', 'completed', 'failed', 'cancelled'] as const;
/** `pending` until the verdict, then one of the three. */
export type TransferState = (typeof TRANSFER_STATES)[number];

export const END_REASONS = [
  'completed',
  'handed_over',
  'failed',
  'abandoned',
  'cancelled',
  'interrupted',
  'closed',
  'expired',
  'reconciled',
] as const;
/**
 * Why a session is over: its conversation has ended (`completed`), or went on without us after REFER or BYE
 * (`handed_over`); nobody was reached, and the caller stayed (`failed`) or left while waiting (`abandoned`); it was
 * taken back (`cancelled`), or its engine died (`interrupted`); by request (`closed`); nothing was heard of it for its
 * time to live (`expired`); no engine had its call any more (`reconciled`).
 */
export type EndReason = (typeof END_REASONS)[number];

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

/** Somebody asked for a person and did not get one. */
export type FollowUp =
  | { readonly state: 'open' }
  | {
      readonly state: 'done';
      readonly at: string;
      /** `later_transfer`: a later transfer of the same call reached somebody. */
      readonly by: 'api' | 'later_transfer';
      readonly note: string | null;
    };

/** The record of one transfer (CONTRACT 6): written before the first SIP message of the transfer. */
export interface TransferRecord {
  readonly transferId: TransferId;
  readonly sessionId: SessionId;
  /** Of a session without a call: its conversation, as whoever made it names that. */
  readonly callId: CallId;
  /** The end user: the caller's number or address. */
  readonly contact: string;
  /** The bot that asked. */
  readonly agent: string;
  /** System the target belongs to, by the configuration; `sip` where that says nothing. */
  readonly provider: string;
  /** Channel id of the configuration. */
  readonly channelId: string;
  readonly channel: ChannelKind;
  readonly status: SessionStatus;
  readonly state: TransferState;
  /** The queue the caller waits in, or waited in last. */
  readonly queue: string | null;
  readonly targets: readonly string[];
  readonly reason: string | null;
  readonly outcome: Outcome | null;
  readonly evidence: Evidence | null;
  readonly transferStatus: TransferStatus | null;
  readonly attempts: readonly AttemptRecord[];
  /** What the provider calls it. */
  readonly providerSessionId: string | null;
  readonly metadata: Readonly<Record<string, unknown>>;
  /** What the provider said, as it said it. */
  readonly providerData: Readonly<Record<string, unknown>>;
  /** The command, to be given once more; `null`: it cannot be. */
  readonly command: TransferCommand | null;
  /** `null`: nobody has to do anything. */
  readonly followUp: FollowUp | null;
  readonly createdAt: string;
  readonly updatedAt: string;
  /** A person was connected; `null`: not yet, never, or out of our sight. */
  readonly activeAt: string | null;
  /** The transfer had its verdict, and the conversation with the person was over. */
  readonly verdictAt: string | null;
  readonly endedAt: string | null;
  readonly endReason: EndReason | null;
  /** When it is ended unless something happens to it before; `null`: never. */
  readonly expiresAt: string | null;
  /**
   * 1, 2, 3 ... by every change of the engine's: what fences a writer that was overtaken. Whoever takes a record over
   * from another writer goes on from a number that one cannot reach any more ({@link TAKEN_OVER}).
   */
  readonly revision: number;
}

/** How far ahead of the last revision it knows a writer goes on who takes a record over. */
export const TAKEN_OVER = 1_000_000;

/** What is left out stays as it was. */
export interface SessionNotes {
  /** ISO 8601: when it was said. */
  readonly at: string;
  readonly providerSessionId?: string | null;
  /** In the place of everything that was there. */
  readonly providerData?: Readonly<Record<string, unknown>>;
  readonly queue?: string | null;
  /** Of a record that has a follow-up: it is done, whatever the engine writes later. */
  readonly followUp?: Extract<FollowUp, { state: 'done' }>;
}

/** A record with what others have said about it. */
export function withNotes(record: TransferRecord, notes: SessionNotes | null): TransferRecord {
  if (notes === null) return record;
  const { at, followUp, ...said } = notes;
  const done = followUp === undefined || record.followUp === null ? {} : { followUp };
  return { ...record, ...said, ...done, updatedAt: at > record.updatedAt ? at : record.updatedAt };
}

/** Every part must hold. */
export interface TransferFilter {
  readonly status?: SessionStatus;
  readonly state?: TransferState;
  readonly outcome?: Outcome;
  readonly callId?: CallId;
  readonly channelId?: string;
  readonly channel?: ChannelKind;
  readonly provider?: string;
  /** The whole of it. */
  readonly contact?: string;
  readonly queue?: string;
  /** Only records that need, or have had, something done about them. */
  readonly followUp?: FollowUp['state'];
  /** ISO 8601: made at or after. */
  readonly from?: string;
  /** ISO 8601: made before. */
  readonly to?: string;
  readonly limit: number;
  readonly cursor?: string;
}

/** A page may have fewer records than asked for, even none, where few of many match: only a cursor of `null` is the end. */
export interface TransferPage {
  readonly items: readonly TransferRecord[];
  readonly nextCursor: string | null;
}

/** Fields a record and its filter have in common. */
const SAME = [
  ...(['status', 'state', 'outcome', 'callId', 'channelId', 'channel', 'provider'] as const),
  ...(['contact', 'queue'] as const),
];

export function matchesFilter(record: TransferRecord, filter: TransferFilter): boolean {
  const { from, to, followUp } = filter;
  const created = Date.parse(record.createdAt);
  return (
    SAME.every((field) => filter[field] === undefined || filter[field] === record[field]) &&
    (from === undefined || created >= Date.parse(from)) &&
    (to === undefined || created < Date.parse(to)) &&
    (followUp === undefined || record.followUp?.state === followUp)
  );
}
