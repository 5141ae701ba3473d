/**
 * Tells a reader of the event log when to look again. Events themselves are read from the `Store` only: a wake-up
 * may be lost, late or for nothing, and a reader still sees every event once.
 */
export interface EventFeed {
  /** Cursor of the newest event, `undefined` while the log is empty: where "from now on" begins. */
  lastCursor(): Promise<string | undefined>;
  /** Calls `wake` soon after an event was appended; returns how to take it back. */
  subscribe(wake: () => void): () => void;
}
