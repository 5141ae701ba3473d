/** How much the memory store keeps; everything beyond is forgotten, oldest first. */
export interface MemoryLimits {
  readonly events: number;
  /** Ended transfers; a live one is never dropped, their number is bounded by the calls. */
  readonly endedRecords: number;
  readonly endedRecordTtlMs: number;
  /** Calls whose last transfer status is remembered. */
  readonly statuses: number;
  readonly statusTtlMs: number;
  /** Calls whose ladder is kept after their end. */
  readonly ladders: number;
  readonly idempotencyKeys: number;
  readonly idempotencyTtlMs: number;
}

const DAY_MS = 86_400_000;

export const MEMORY_LIMITS: MemoryLimits = {
  events: 10_000,
  endedRecords: 10_000,
  endedRecordTtlMs: DAY_MS,
  statuses: 10_000,
  statusTtlMs: DAY_MS,
  ladders: 200,
  idempotencyKeys: 10_000,
  idempotencyTtlMs: DAY_MS,
};
