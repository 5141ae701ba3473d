import { createHash } from 'node:crypto';

/** Every key of this folder; the hash tags put each of its two parts into one slot of a cluster. */
const NAME = 'switchhook';

/** Hash: event id -> letter (JSON). */
export const LETTERS_KEY = `${NAME}:{dead-letters}:letters`;
/** Sorted set: event id by its number. */
export const ORDER_KEY = `${NAME}:{dead-letters}:order`;
/** The same for one channel. */
export const channelKey = (channel: string): string => `${NAME}:{dead-letters}:channel:${channel}`;
/** Number of the last letter. */
export const NUMBER_KEY = `${NAME}:{dead-letters}:number`;

/** Hash: {@link endpointField} -> what is known of an endpoint that is off (JSON). */
export const OFF_KEY = `${NAME}:{endpoints}:off`;

/** An address as the name of a field: it may hold a password, which has no business here. */
export const endpointField = (url: string): string => createHash('sha256').update(url).digest('hex');
