import type { Refused, Wanted } from '../domain/limits/refused.js';
import type { StoreHealth } from './store.js';

export type { Refused, Wanted };

export type Admitted =
  | {
      readonly ok: true;
      /** Gives the place back; more than once does no harm. */ readonly release: () => void;
    }
  | Refused;

/**
 * The limits of trunks and the turns of queues, of one engine or of all engines on a store: how many requests of
 * transfers a trunk has at a time, how many a minute, how many to one target, and whose turn it is in a queue.
 *
 * ```
 *   take -> place (renewed while its engine lives) -> release
 *        -> refused                                 -> free 4 s after its engine died, or could not be heard
 * ```
 *
 * Nothing here holds up a call: with the store away or slow an engine counts for itself, within its share of the limits
 * as it was last known, until the store is back and the counts agree again.
 */
export interface Places {
  /**
   * Begins to renew what is held and to know what others hold.
   *
   * @throws UsageError that names the address, when the store does not come or does not let us in
   */
  start(): Promise<void>;
  /**
   * Takes a place for one request, or says why there is none: at once where no other engine has to be heard, else by a
   * promise that settles within 250 ms and never rejects.
   */
  take(wanted: Wanted): Admitted | Promise<Admitted>;
  /**
   * A place for a request that was made by an engine that is gone, and goes on: never refused, and no rate counts it
   * again. The result gives it back.
   */
  retake(trunk: string | null): () => void;
  /**
   * Why not one of these requests could go out now, as far as is known without asking; `null`: at least one could.
   * Takes nothing.
   */
  refusal(requests: readonly Wanted[]): Refused | null;
  /**
   * Uses up a turn of a queue: 0, 1, 2 ..., each given to one engine only. An engine has its next turn in advance, so
   * turns are used in about their order, and what it had in advance when it died is skipped. A burst faster than the
   * store goes on from the engine's last turn, which is made good by as many that are skipped.
   */
  takeTurn(queue: string): number;
  /** What {@link takeTurn} would answer; uses up nothing. */
  nextTurn(queue: string): number;
  /** The row `limits` of `/readyz`; `null`: nothing is shared. Asks nobody. */
  health(): StoreHealth | null;
  /** Gives back every place, within a deadline. */
  stop(): Promise<void>;
}
