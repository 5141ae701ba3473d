import type { Clock } from '../../ports/clock.js';
import type { Log } from '../../ports/log.js';
import type { Metrics } from '../../ports/metrics.js';

/** One media server: FreeSWITCH, or the embedded one. */
export interface FreeswitchServer {
  /** What {@link MediaServerState.name} says; `host:port` of the event socket as a rule. */
  readonly name: string;
  readonly address: string;
  readonly port: number;
  readonly secret: string;
  /** The SIP profile that takes the calls of drachtio-fsmrf. */
  readonly profile: string;
}

/** A drachtio-server. */
export interface SipServer {
  readonly host: string;
  readonly port: number;
  readonly secret: string;
  readonly tls: boolean;
}

/** Where media servers connect back to, one connection per endpoint. */
export interface BackConnections {
  /** Listened on. */
  readonly address: string;
  /** The first server's; those of the others follow. 0: free ones. */
  readonly port: number;
  /** What the servers are told, where it differs (NAT). */
  readonly advertise?: string;
}

export interface FreeswitchOptions {
  readonly servers: readonly [FreeswitchServer, ...FreeswitchServer[]];
  /** The first that can be reached carries the calls to the media servers. */
  readonly sip: readonly [SipServer, ...SipServer[]];
  readonly listen: BackConnections;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Pick<Metrics, 'dependencyChanged'>;
  /** How long `start` keeps trying. */
  readonly startTimeoutMs?: number;
}

/** Every wait for a media server, in ms: promises of fsmrf may never settle. */
export const DEADLINES = {
  /** Link to the SIP server. */
  sipLink: 5000,
  /** TCP, log-in and `sofia status`, before fsmrf does the same: it cannot tell what went wrong. */
  probe: 1500,
  /** fsmrf gives up after 1000 ms by itself, but not in every case. */
  connect: 2000,
  /** A frozen server is found out within {@link PING_EVERY_MS} and this: together under 2 s. */
  ping: 1000,
  /** INVITE to a server in the same network, and its connection back (for which fsmrf itself would wait 4 s). */
  open: 3000,
  /** A re-INVITE that is answered at once; SIP over UDP may lose one or two packets. */
  modify: 3000,
  /** An `api` command: answered from memory. */
  command: 1500,
  /** A leg whose partner went is in the park with its next frame; later, nothing is wrong but the event was missed. */
  park: 500,
  /** A file that is opened over a network file system. */
  playBegins: 3000,
  /** A playing that was broken off says so with the next frame. */
  playEnds: 1500,
  /** A WAV file is closed, its header written. */
  recordingEnds: 3000,
  /** BYE and its answer; nobody waits longer for an endpoint that is let go. */
  close: 2000,
} as const;

/** How often a server is asked whether it is there. */
export const PING_EVERY_MS = 800;

/** Pause before a lost server is tried again, doubled up to the longest. */
export const RETRY = { firstMs: 250, longestMs: 5000 } as const;
