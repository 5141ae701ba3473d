import type { CallId } from '../../../domain/ids.js';

/** Stream; one field `record` (JSON). All keys of detail records share a slot. */
export const CDR_KEY = 'switchhook:{cdr}:log';

/** String: the call's record is in the stream. */
export const writtenKey = (call: CallId): string => `switchhook:{cdr}:written:${call}`;
