import type { Trunk } from '../domain/settings.js';

/**
 * Keeps trunks registered and asks them now and then whether they are there. Nothing here decides anything: what was
 * found out is told, and the engine makes of it whether a call is sent that way.
 */
export interface TrunkWatch {
  /**
   * Starts watching those trunks that register or are pinged; the others are never told of. Once per watch; the
   * listener is told each trunk's state at once and then on each change.
   */
  watch(trunks: Iterable<WatchedTrunk>, listener: (state: TrunkState) => void): void;
  /** Takes the registrations back (RFC 3261 10.2.2) and tells nothing any more. Resolves within two seconds. */
  stop(): Promise<void>;
}

/** What watching needs to know of a trunk. */
export type WatchedTrunk = Pick<Trunk, 'name' | 'proxy' | 'auth' | 'register' | 'pingMs'>;

export interface TrunkState {
  readonly trunk: string;
  /** `pending`: not known (yet, or while the SIP server is away); `none`: this trunk does not register. */
  readonly registration: 'none' | 'pending' | 'registered' | 'failed';
  /** Why the registration failed, or could not be renewed and still holds: words of ours and of the far end. */
  readonly detail: string | null;
  /** The registrar's refusal, `null` when there is none (also when nobody answered). */
  readonly refusedWith: number | null;
  /** Whether the last pings were answered; `null`: not pinged, or not known yet. */
  readonly reachable: boolean | null;
  /** What became of the last ping when it was not answered: three such in a row, and the far end is not reachable. */
  readonly missed: string | null;
  /** Of the last answered ping when the state was told, in ms. */
  readonly rttMs: number | null;
}
