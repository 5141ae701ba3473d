import type { TransferRecord } from './transfer-record.js';

export interface Durations {
  /** Since the command, to the end of the session. */
  readonly durationMs: number;
  /** Until somebody was there, or it was clear that nobody would be. */
  readonly waitMs: number;
  /** With the person; `null`: not yet, never, or out of our sight. */
  readonly talkMs: number | null;
}

type Times = Pick<TransferRecord, 'createdAt' | 'activeAt' | 'verdictAt' | 'endedAt'>;

/** @param now ms since the epoch: how far what still goes on has come */
export function durationsOf({ createdAt, activeAt, verdictAt, endedAt }: Times, now: number): Durations {
  const from = Date.parse(createdAt);
  const at = (...times: readonly (string | null)[]): number => {
    const first = times.find((time) => time !== null);
    return first == null ? now : Date.parse(first);
  };
  return {
    durationMs: Math.max(0, at(endedAt) - from),
    waitMs: Math.max(0, at(activeAt, verdictAt, endedAt) - from),
    talkMs: activeAt === null ? null : Math.max(0, at(verdictAt, endedAt) - Date.parse(activeAt)),
  };
}
