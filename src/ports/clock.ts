/** Time as the engine sees it; a test's clock stands still until it is moved. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
  /** One shot; returns how to take it back. */
  after(ms: number, fire: () => void): () => void;
}

/** Randomness, injected so that a run can be replayed. */
export interface Random {
  /** In [0, 1). */
  next(): number;
  uuid(): string;
}
