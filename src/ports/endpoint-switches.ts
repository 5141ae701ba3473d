/** An endpoint that asked to be sent nothing any more. JSON. */
export interface SwitchedOff {
  /** ISO 8601, UTC, milliseconds. */
  readonly since: string;
  /** In words. */
  readonly why: string;
}

/**
 * Which endpoints of bots are switched off, over restarts and for all engines. A row `url -> SwitchedOff`, whatever is
 * not there is on. Every method rejects with `store_unavailable` when there is no answer in time.
 */
export interface EndpointSwitches {
  /** Stays as it is when it is off already. */
  turnOff(url: string, off: SwitchedOff): Promise<void>;
  turnOn(url: string): Promise<void>;
  /** Of these, those that are off. */
  off(urls: readonly string[]): Promise<ReadonlyMap<string, SwitchedOff>>;
}
