import type { ChannelKind } from '../../ports/transfer-record.js';

/** How long sessions live and how often they are looked after. */
export interface SessionSettings {
  /** Without a sign of life for so long, a session is over; 0 = however long. */
  readonly ttlMs: Readonly<Record<ChannelKind, number>>;
  /** Between two looks at sessions whose time has run out. */
  readonly reapMs: number;
  /** Between two looks at sessions whose call may be gone. */
  readonly reconcileMs: number;
}

const MINUTE_MS = 60_000;

/** CONTRACT 6. */
export const SESSION_SETTINGS: SessionSettings = {
  ttlMs: {
    voice: 0,
    chat: 30 * MINUTE_MS,
    messaging: 30 * MINUTE_MS,
    email: 1440 * MINUTE_MS,
    campaign: 60 * MINUTE_MS,
  },
  reapMs: 5_000,
  reconcileMs: 30_000,
};

/** When a session that has just given a sign of life runs out. */
export function expiryOf({ ttlMs }: SessionSettings, kind: ChannelKind, time: string): string | null {
  const ttl = ttlMs[kind];
  return ttl === 0 ? null : new Date(Date.parse(time) + ttl).toISOString();
}
