/** What a HEARTBEAT said of a server, and how many endpoints of ours it had then. */
export interface Heartbeat {
  readonly sessions: number;
  readonly maxSessions: number;
  /** Percent of its machine. */
  readonly idleCpu: number;
  readonly oursThen: number;
}

/** Before the first HEARTBEAT nothing is known but what we ourselves brought. */
export const UNKNOWN: Heartbeat = { sessions: 0, maxSessions: 1000, idleCpu: 100, oursThen: 0 };

/** A machine that says it is busy still takes a call when all others are fuller. */
const LEAST_IDLE_SHARE = 0.05;

/**
 * How gladly a server takes one more endpoint: its free places, weighed by its idle CPU. A HEARTBEAT is up to 20 s
 * old, so what we opened and closed since is counted in. 0: full.
 */
export function weightOf({ sessions, maxSessions, idleCpu, oursThen }: Heartbeat, oursNow: number): number {
  const now = Math.max(oursNow, sessions + oursNow - oursThen);
  const free = maxSessions - now;
  return free <= 0 ? 0 : (free / maxSessions) * Math.max(LEAST_IDLE_SHARE, idleCpu / 100);
}

export function heartbeatOf(header: (name: string) => string | null, oursThen: number): Heartbeat {
  const number = (name: string, usual: number): number => {
    const value = Number(header(name) ?? NaN);
    return Number.isFinite(value) ? value : usual;
  };
  return {
    sessions: number('Session-Count', 0),
    maxSessions: Math.max(1, number('Max-Sessions', UNKNOWN.maxSessions)),
    idleCpu: number('Idle-CPU', UNKNOWN.idleCpu),
    oursThen,
  };
}
