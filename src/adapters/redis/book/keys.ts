import type { CallId } from '../../../domain/ids.js';
import type { EngineId } from '../../../ports/call-book.js';

/** Keys of a call share the slot of the call, those of an engine the slot of the engine: as in `../keys.ts`. */
const NAME = 'switchhook';

/** Hash `engine`, `tenure`, `state` (JSON; not there: the call is over). */
export const pageKey = (call: CallId): string => `${NAME}:{${call}}:page`;
/** Hash: event id -> event (JSON), those that are not settled. */
export const unsettledKey = (call: CallId): string => `${NAME}:{${call}}:unsettled`;

/** Set: engines that have, or had, a lease. */
export const ENGINES_KEY = `${NAME}:engines`;
/** {@link LeaseWord}; expires when the engine is not heard. */
export const leaseKey = (engine: EngineId): string => `${NAME}:engine:{${engine}}:lease`;
/** Set: calls of the engine; has every one it has, and for a moment those it no longer has. */
export const callsKey = (engine: EngineId): string => `${NAME}:engine:{${engine}}:calls`;

/** What a lease says of its engine: does it take orphans. */
export type LeaseWord = 'takes' | 'declines';
