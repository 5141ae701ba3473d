import type { ConnectionOptions } from 'node:tls';
import type { LinkWatcher } from './trunk-watch.js';

/** Where the drachtio-server is and how to talk about it. */
export interface DrachtioOptions {
  readonly host: string;
  readonly port: number;
  readonly secret: string;
  readonly tls?: ConnectionOptions;
  /** What {@link SignallingInfo.server} says; `host:port` unless given. */
  readonly server?: string;
  readonly log?: DrachtioLog;
  /** Told of the link when it is up and when it is lost: `createDrachtioTrunkWatch`. */
  readonly watcher?: LinkWatcher;
  /** How long `start` keeps trying. */
  readonly startTimeoutMs?: number;
  /** Longest pause between two attempts to get a lost link back. */
  readonly reconnectMaxMs?: number;
  /** Waits of the adapter, for tests that cannot wait for them. */
  readonly deadlines?: Partial<Deadlines>;
}

/** The little this adapter has to tell a log. */
export interface DrachtioLog {
  info(message: string, fields?: Readonly<Record<string, unknown>>): void;
  warn(message: string, fields?: Readonly<Record<string, unknown>>): void;
  error(message: string, fields?: Readonly<Record<string, unknown>>): void;
}

export const SILENT: DrachtioLog = {
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
};

/** Every wait for the server or the far end, in ms: a promise or callback of srf may never settle (pitfall 14). */
export interface Deadlines {
  /** The server's receipt for a message of ours: a round trip on the link. */
  readonly receipt: number;
  /** Between two pings of the server; the second in a row that it leaves unanswered is the end of the link. */
  readonly heartbeat: number;
  /** No response at all to an INVITE: past timer B (32 s), which the server itself should report. */
  readonly firstResponse: number;
  /** No final response: past timer C (185 s after the last provisional), after which the server cancels. */
  readonly finalResponse: number;
  /** After our CANCEL: the real server forgets silently after 32 s (pitfall 7). */
  readonly cancelled: number;
  /** Our re-INVITE: after a provisional response the real server loses the final one (pitfall 8). */
  readonly reoffer: number;
  /** The engine's answer to a peer's offer; an UPDATE must be answered before the peer's timer F (32 s). */
  readonly peerOffer: number;
  /** The ACK of a 2xx of ours: past timer H (32 s), after which the server sends BYE. */
  readonly ack: number;
  /** Our BYE: past timer F (32 s). */
  readonly bye: number;
  /** Our REFER: past timer F (32 s). */
  readonly refer: number;
  /** The engine's answer to a peer's REFER, before the peer's timer F. */
  readonly peerRefer: number;
  /** The final NOTIFY of our REFER behind the BYE that overtook it: a second, in which the engine takes the call for up. */
  readonly finalNotify: number;
  /** A second of a session interval (RFC 4028), for tests that cannot wait a minute and a half. */
  readonly sessionSecond: number;
  /** Unanswered INVITE: a provisional at least every minute (RFC 3261 13.3.1.1), the first within 64 s (pitfall 19). */
  readonly provisional: number;
}

export const DEADLINES: Deadlines = {
  receipt: 10_000,
  heartbeat: 5000,
  firstResponse: 40_000,
  finalResponse: 200_000,
  cancelled: 40_000,
  reoffer: 10_000,
  peerOffer: 20_000,
  ack: 34_000,
  bye: 34_000,
  refer: 34_000,
  peerRefer: 20_000,
  finalNotify: 1000,
  sessionSecond: 1000,
  provisional: 50_000,
};
