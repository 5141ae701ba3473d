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
  /** How often a draining engine looks whether it is empty. */
  drainPollMs: 50,
} as const;
