import type { Call } from '../../domain/call.js';
import type { CallMemory } from '../../domain/call-memory.js';
import type { TimerName } from '../../domain/effect.js';
import type { LegId, TransferId } from '../../domain/ids.js';
import type { CallerIdentity } from '../../domain/routing/caller.js';
import type { EndpointHandle } from '../../ports/media.js';
import type { DialogHandle } from '../../ports/signalling.js';
import type { WrittenSoFar } from '../sessions/call-records.js';

/** A live call with everything another engine needs to go on with it. */
export interface Snapshot {
  /** Without credentials once it is written down: those are the configuration's. */
  readonly call: Call;
  /** Channel id. */
  readonly channel: string;
  readonly caller: CallerIdentity;
  /** Trunk the caller came by. */
  readonly trunk: string;
  /** Last event number given out. */
  readonly seq: number;
  /** The last transfer asked for, pending or not. */
  readonly transfer: TransferId | null;
  /** ms since the epoch. */
  readonly startedAt: number;
  /** Hops left for INVITEs of ours. */
  readonly maxForwards: number;
  readonly timers: readonly DueTimer[];
  readonly legs: readonly SavedLeg[];
  readonly written: WrittenSoFar;
  readonly memory: CallMemory;
}

export interface DueTimer {
  readonly timer: TimerName;
  /** ms since the epoch. */
  readonly at: number;
}

export interface SavedLeg {
  readonly name: LegId;
  /** Its column on the ladder. */
  readonly column: LegId;
  readonly trunk: string | null;
  /** It takes a place of its trunk's limits. */
  readonly counted: boolean;
  /** `null`: nobody else can have it. */
  readonly handle: DialogHandle | null;
  /** Of an anchored call. Nobody else can have it, but has to let it go. */
  readonly endpoint: EndpointHandle | null;
}

/** What is left of a snapshot nobody can read: who was told, up to which event, and the dialogs there were. */
export interface Remains {
  readonly channel: string | null;
  readonly seq: number | null;
  readonly handles: readonly DialogHandle[];
  readonly endpoints: readonly EndpointHandle[];
}

export const handlesOf = (legs: readonly SavedLeg[]): readonly DialogHandle[] =>
  legs.flatMap(({ handle }) => (handle === null ? [] : [handle]));

export const endpointsOf = (legs: readonly SavedLeg[]): readonly EndpointHandle[] =>
  legs.flatMap(({ endpoint }) => (endpoint === null ? [] : [endpoint]));
