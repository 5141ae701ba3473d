import type { CallId, SessionId, TransferId } from '../../domain/ids.js';
import type { SessionStatus } from '../../ports/store.js';

/**
 * Every key there is. What stands in braces decides the slot of a cluster (Redis cluster specification, hash tags):
 * all keys of a call share one, so do the indexes, so do the events; no command or script names keys of two slots.
 */
const NAME = 'switchhook';

/** Hash `revision`, `rank`, `record` (JSON). Expires once ended. */
export const recordKey = (call: CallId, id: TransferId): string => `${NAME}:{${call}}:transfer:${id}`;
/** Hash `created` (transfers so far), `status` (JSON of the last verdict), `statusRank`. */
export const callKey = (call: CallId): string => `${NAME}:{${call}}:call`;
/** Sorted set of {@link Member}s. */
export const callTransfersKey = (call: CallId): string => `${NAME}:{${call}}:transfers`;

/** Where a record is, for those who know only the one id: {@link Place}. */
export const transferPlaceKey = (id: TransferId): string => `${NAME}:place:${id}`;
export const sessionPlaceKey = (id: SessionId): string => `${NAME}:place:${id}`;

/** Sorted sets of {@link Member}s, all of score 0: they sort by text, oldest first. */
export const ALL_KEY = `${NAME}:{index}:all`;
export const channelIndexKey = (channel: string): string => `${NAME}:{index}:channel:${channel}`;
export const statusIndexKey = (status: SessionStatus): string => `${NAME}:{index}:status:${status}`;
/** Hash: member -> `<revision> <number of its status>`. */
export const INDEXED_KEY = `${NAME}:{index}:indexed`;
/** Sorted set of members by when their record expires, ms since the epoch. */
export const EXPIRY_KEY = `${NAME}:{index}:expiry`;

/** Stream; one field `event` (JSON). */
export const EVENTS_KEY = `${NAME}:{events}:log`;
/** Hash `last`: number of the last event this writer appended; `c<n>`: cursors of its latest. */
export const writerKey = (writer: string): string => `${NAME}:{events}:writer:${writer}`;

export const idempotencyKey = (scope: string, key: string): string => `${NAME}:idempotency:${scope}\n${key}`;

export interface Place {
  readonly callId: CallId;
  readonly transferId: TransferId;
}

/** A record in an index. Its text begins with when it was made, so the order of texts is that of creation. */
export interface Member extends Place {
  readonly channelId: string;
}

/** Ids and channel names have no blanks. */
export const placeText = ({ callId, transferId }: Place): string => `${callId} ${transferId}`;

export function placeOf(text: string): Place {
  const [callId = '', transferId = ''] = text.split(' ');
  return { callId: callId as CallId, transferId: transferId as TransferId };
}

/** `<ms, 15 digits> <rank in its call, 6 digits> <call> <transfer> <channel>`; written by the script `PUT`. */
export function memberOf(text: string): Member {
  const [, , callId = '', transferId = '', channelId = ''] = text.split(' ');
  return { callId: callId as CallId, transferId: transferId as TransferId, channelId };
}

/** Milliseconds as digits that sort as text. */
export const sortable = (ms: number): string => String(ms).padStart(15, '0');
