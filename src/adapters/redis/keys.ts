import { createHash } from 'node:crypto';
import type { CallId, SessionId, TransferId } from '../../domain/ids.js';
import type { FollowUp, SessionStatus } from '../../ports/transfer-record.js';

/**
 * Every key there is. What stands in braces decides the slot of a cluster (Redis cluster specification, hash tags):
 * all keys of a call share one, so do the indexes, so do the events; no command or script names keys of two slots.
 */
const NAME = 'switchhook';

/**
 * Hash `revision`, `rank`, `record` (JSON), `expiresAt` (ms), and beside the engine's part, each as JSON, what others
 * say: `note:<field>`. Expires once ended.
 */
export const recordKey = (call: CallId, id: TransferId): string => `${NAME}:{${call}}:transfer:${id}`;
/** Hash `created` (transfers so far), `status` (JSON of the last verdict), `statusRank`. */
export const callKey = (call: CallId): string => `${NAME}:{${call}}:call`;
/** Sorted set of {@link Member}s. */
export const callTransfersKey = (call: CallId): string => `${NAME}:{${call}}:transfers`;

/** String: JSON of the call's ladder. Expires as records do. */
export const ladderKey = (call: CallId): string => `${NAME}:{${call}}:ladder`;

/** Where a record is, for those who know only the one id: {@link Place}. */
export const transferPlaceKey = (id: TransferId): string => `${NAME}:place:${id}`;
export const sessionPlaceKey = (id: SessionId): string => `${NAME}:place:${id}`;

/** Sorted sets of {@link Member}s, all of score 0: they sort by text, oldest first. */
export const ALL_KEY = `${NAME}:{index}:all`;
export const channelIndexKey = (channel: string): string => `${NAME}:{index}:channel:${channel}`;
export const statusIndexKey = (status: SessionStatus): string => `${NAME}:{index}:status:${status}`;
/** By a digest: who calls is no part of a key. */
export const contactIndexKey = (tag: string): string => `${NAME}:{index}:contact:${tag}`;
export const followUpIndexKey = (state: FollowUp['state']): string => `${NAME}:{index}:follow-up:${state}`;
/** Sorted set of members by when they run out, ms since the epoch. */
export const DUE_KEY = `${NAME}:{index}:due`;
/** Hash: member -> `<revision> <number of its status>`. */
export const INDEXED_KEY = `${NAME}:{index}:indexed`;
/** Sorted set of members by when their record expires, ms since the epoch. */
export const EXPIRY_KEY = `${NAME}:{index}:expiry`;

/** Stream; one field `event` (JSON). */
export const EVENTS_KEY = `${NAME}:{events}:log`;
/** Hash: event id -> cursor, and list of the ids, newest first: of as many events as the log keeps. */
export const EVENT_CURSORS_KEY = `${NAME}:{events}:cursors`;
export const EVENT_IDS_KEY = `${NAME}:{events}:ids`;

export const idempotencyKey = (scope: string, key: string): string => `${NAME}:idempotency:${scope}\n${key}`;

export interface Place {
  readonly callId: CallId;
  readonly transferId: TransferId;
}

/** A record in an index. Its text begins with when it was made, so the order of texts is that of creation. */
export interface Member extends Place {
  readonly channelId: string;
  readonly contactTag: string;
}

/** Ids and channel names have no blanks. */
export const placeText = ({ callId, transferId }: Place): string => `${callId} ${transferId}`;

export function placeOf(text: string): Place {
  const [callId = '', transferId = ''] = text.split(' ');
  return { callId: callId as CallId, transferId: transferId as TransferId };
}

/** `<ms, 15 digits> <rank in its call, 6 digits> <call> <transfer> <channel> <contact>`; written by the script `PUT`. */
export const memberText = (
  record: Place & { channelId: string; contact: string; createdAt: string },
  rank: number,
): string =>
  `${sortable(Date.parse(record.createdAt))} ${String(rank).padStart(6, '0')} ${recordText(record)}`;

/** What of a member is known without Redis. */
export const recordText = (record: Place & { channelId: string; contact: string }): string =>
  `${placeText(record)} ${record.channelId} ${contactTagOf(record.contact)}`;

export function memberOf(text: string): Member {
  const [, , callId = '', transferId = '', channelId = '', contactTag = ''] = text.split(' ');
  return { callId: callId as CallId, transferId: transferId as TransferId, channelId, contactTag };
}

/** Milliseconds as digits that sort as text. */
export const sortable = (ms: number): string => String(ms).padStart(15, '0');

/** Stands for a contact where it is not to be read. */
export const contactTagOf = (contact: string): string =>
  createHash('sha256').update(contact).digest('base64url').slice(0, 16);
