/** Times the domain itself sets; those a user may set are in the plan. Deadlines of effects are the engine's. */
export const T = {
  /** An ACK for our 2xx, 64*T1 (RFC 3261 13.3.1.4). */
  ackMs: 32_000,
} as const;
