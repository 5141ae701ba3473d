/**
 * Deadlines the engine keeps, each with its reason. Those of single SIP requests are the signalling adapter's
 * promise (`ports/signalling.ts`); these catch what even a broken adapter would leave behind.
 */
export const DEADLINES = {
  /**
   * From the end of a call until its ledger is empty. The slowest honest way out is a CANCEL whose final response
   * never comes (32 s, RFC 3261 9.1, plus the adapter's guard) followed by a BYE nobody answers (32 s).
   */
  teardownMs: 80_000,
  /** BYEs of a shutdown: Timer F is 32 s, but a far end that is there answers at once. */
  shutdownMs: 5_000,
  /**
   * How long what is told waits to be written down first. Redis answers in a millisecond; a caller does not notice a
   * quarter of a second, and a bot that hears of it later than that hears it late.
   */
  writeAheadMs: 250,
  /** Legs of a call that was another engine's: the SIP server knows at once whether it has a dialog. */
  resumeMs: 2_000,
  /** A call that cannot be read is known by its records alone, and the store that has them may be away for a while. */
  burialRetryMs: 2_000,
  burialTries: 30,
  /** How often a draining engine looks whether it is empty. */
  drainPollMs: 50,
} as const;
