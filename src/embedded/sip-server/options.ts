/** RFC 3261 table 4 and the waits of the application protocol, all in milliseconds. Tests shrink them. */
export interface SipTimers {
  readonly t1: number;
  readonly t2: number;
  readonly t4: number;
  /** Timers B, F, H, J, and L and M of RFC 6026. */
  readonly t1x64: number;
  readonly d: number;
  readonly c: number;
  /** How long an application may leave an INVITE without any response before it is forgotten. */
  readonly appAnswer: number;
  /** How long an application may leave any other request unanswered. */
  readonly requestAnswer: number;
  /** Session timers shorter than this many seconds are refused (RFC 4028 section 5). */
  readonly minSeSeconds: number;
  /** One second of a session interval; tests shrink it. */
  readonly sessionSecond: number;
}

export const DEFAULT_TIMERS: SipTimers = {
  t1: 500,
  t2: 4000,
  t4: 5000,
  t1x64: 32_000,
  d: 32_000,
  c: 185_000,
  appAnswer: 64_000,
  requestAnswer: 32_000,
  minSeSeconds: 90,
  sessionSecond: 1000,
};

export interface SipLimits {
  readonly maxMessageBytes: number;
  readonly maxHeaderBytes: number;
  readonly maxHeaderLine: number;
  readonly maxBlankRun: number;
  readonly maxHeaders: number;
  readonly maxTcpConnections: number;
  readonly tcpIdleMs: number;
  /** A peer that does not read is dropped when this much waits for it. */
  readonly maxTcpBacklogBytes: number;
  /** The real server reads at most five length digits. */
  readonly maxFrameBytes: number;
  /** An application that does not read is dropped when this much waits for it. */
  readonly maxAppBacklogBytes: number;
  readonly maxServerTransactions: number;
}

export const DEFAULT_LIMITS: SipLimits = {
  maxMessageBytes: 65_535,
  maxHeaderBytes: 32_768,
  maxHeaderLine: 4096,
  maxBlankRun: 128,
  maxHeaders: 256,
  maxTcpConnections: 4096,
  tcpIdleMs: 900_000,
  maxTcpBacklogBytes: 4_194_304,
  maxFrameBytes: 99_999,
  maxAppBacklogBytes: 134_217_728,
  maxServerTransactions: 500_000,
};

/** Longer than it takes an engine to find out that a sibling died, and to be handed its calls. */
export const DEFAULT_ORPHAN_MS = 10_000;

export interface SipServerOptions {
  /** "udp:127.0.0.1:5060", "tcp:[::1]:0"; port 0 takes a free one. */
  readonly listen: readonly string[];
  /** Where applications connect; port 0 takes a free one. */
  readonly admin: { readonly host: string; readonly port: number };
  readonly secret: string;
  /** Address blocks new requests are taken from; absent: from anywhere. */
  readonly allow?: readonly string[];
  readonly timers?: Partial<SipTimers>;
  readonly limits?: Partial<SipLimits>;
  /** Host written into Via and Contact where a wildcard address is listened on. */
  readonly advertise?: string;
  /** `Server:` value of responses made by the server itself; absent means none (no fingerprint). */
  readonly serverHeader?: string;
  /** Send in-dialog requests to the observed source when Contact disagrees with it; default true. */
  readonly natTargetRule?: boolean;
  /**
   * How long calls of an application that is gone wait for another one with a tag of its; 0: not at all. Calls of an
   * application without tags wait for nobody. Absent: {@link DEFAULT_ORPHAN_MS}.
   */
  readonly orphanMs?: number;
  /** Who refreshes when a caller asks for a session timer without naming anybody; default the caller. */
  readonly defaultRefresher?: 'uac' | 'uas' | 'none';
}

export interface ListenAddress {
  readonly proto: 'udp' | 'tcp';
  readonly host: string;
  readonly port: number;
}

/** Undefined when the text is not `udp|tcp:host:port`. */
export function parseListen(text: string): ListenAddress | undefined {
  const colon = text.indexOf(':');
  const proto = text.slice(0, colon).toLowerCase();
  if (proto !== 'udp' && proto !== 'tcp') return undefined;
  const address = parseHostPort(text.slice(colon + 1));
  return address === undefined ? undefined : { proto, ...address };
}

export function parseHostPort(text: string): { host: string; port: number } | undefined {
  const colon = text.lastIndexOf(':');
  if (colon <= 0) return undefined;
  const host = text.slice(0, colon).replace(/^\[|\]$/g, '');
  const port = Number(text.slice(colon + 1));
  if (host === '' || text.slice(colon + 1) === '' || !Number.isInteger(port) || port < 0 || port > 65535)
    return undefined;
  return { host, port };
}
