import type { CallId, EventId } from '../domain/ids.js';
import type { PublishedEvent } from './bot-runtime.js';

/** One process of ours, from its start to its end; a restarted one has another id. */
export type EngineId = string & { readonly __brand: 'EngineId' };

/** A new one for every start of an engine. */
export const engineId = (uuid: string): EngineId => `engine_${uuid}` as EngineId;

/**
 * Which engine has which call, what every live call was like after its last step, and what its bot is still to be told:
 * what is left of a call when its engine dies.
 *
 * ```
 *   engine A   save  save  save  (dies)
 *   engine B                        lease of A runs out -> orphan(call of A) -> save under a new tenure
 *   engine A   (was only frozen)                                               save -> 'lost': it lets go, silently
 * ```
 *
 * An engine's lease is renewed while it lives. A call of an engine without one is handed to exactly one other engine.
 * A book that is away or slow never holds up a call: pages wait (of one call only the newest, with the events of all),
 * and after its return every engine writes down again what it has before anybody's calls are handed out.
 */
export interface CallBook {
  readonly engine: EngineId;
  /** Others can be handed what is in it; `false`: it dies with this process, and what pages say is of no use to anybody. */
  readonly isShared: boolean;
  /** Begins the lease. From now on the reader is told of orphans, also of those that were there before. */
  start(reader: BookReader): Promise<void>;
  /**
   * Takes the newest page of a call, replacing the one before, and adds its events to what the bot is still to be
   * told: both or neither. Settles when it is written; `lost`: another engine has the call, nothing was written, and
   * the reader is told so as well. Rejects with `store_unavailable` when it is given up.
   */
  save(page: CallPage): Promise<'written' | 'lost'>;
  /** The event is logged, and delivered or given up: nobody needs to tell it again. Others are ignored. */
  settled(call: CallId, event: EventId): void;
  /** Who has a live call; `null`: nobody. Rejects with `store_unavailable`. */
  engineOf(call: CallId): Promise<EngineId | null>;
  /** Engines with a lease, in no order, this one included. Rejects with `store_unavailable`. */
  engines(): Promise<readonly EngineId[]>;
  /** Whether another engine takes orphans: one that is about to stop does not. Rejects with `store_unavailable`. */
  hasHeirs(): Promise<boolean>;
  /** Orphans are for others from now on: this engine is about to stop. What it has stays its own. */
  decline(): void;
  /** Writes what waits, within a deadline, and gives up the lease: whatever is left is another engine's at once. */
  stop(): Promise<void>;
}

export interface CallPage {
  readonly callId: CallId;
  /** 1 for whoever took the call from the network, one more with every take-over: what fences a stale writer. */
  readonly tenure: number;
  /** JSON of the engine's own making; `null`: the call is over, and forgotten once its events are settled. */
  readonly state: string | null;
  /** Told in the step behind which this page was written. */
  readonly events: readonly PublishedEvent[];
}

/** A call whose engine is gone, now this one's, and written down as such. */
export interface Orphan {
  readonly callId: CallId;
  /** Of the new owner: the one to save under. */
  readonly tenure: number;
  readonly from: EngineId;
  /** As last written; `null`: the call was over, and only its events are left. */
  readonly state: string | null;
  /** Events that are not settled, in the order they were told. */
  readonly unsettled: readonly PublishedEvent[];
}

/** Neither method may throw. */
export interface BookReader {
  orphan(orphan: Orphan): void;
  /**
   * This engine has the call no more; another one took it while this one could not be heard. Told again when it goes
   * on writing.
   */
  lost(call: CallId): void;
}
