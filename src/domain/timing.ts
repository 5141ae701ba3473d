/** Times the domain itself sets; those a user may set are in the plan. Deadlines of effects are the engine's. */
export const T = {
  /** An ACK for our 2xx, 64*T1 (RFC 3261 13.3.1.4). */
  ackMs: 32_000,
  /** A referrer's own BYE after the final NOTIFY (RFC 5589 6.1); phones send it within milliseconds. */
  leaveMs: 1_000,
  /** A message to a party, at most: longer ones are an accident, and somebody waits. */
  speakMs: 60_000,
} as const;

/** Transfers in a row without the bot in between: one more is refused as a loop (security list S-1). */
export const MAX_DEPTH = 3;
