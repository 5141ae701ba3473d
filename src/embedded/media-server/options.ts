export interface MediaServerOptions {
  /** SIP, UDP and TCP on one port; port 0 takes a free one. */
  readonly sip: HostPort;
  /** The same over IPv6, with media over IPv6; absent: IPv4 (or whatever `sip` is) only. */
  readonly sip6?: HostPort;
  /** Where applications connect (event socket); port 0 takes a free one. */
  readonly esl: HostPort;
  readonly secret: string;
  /** Name of the profile `sofia status` shows. */
  readonly profile: string;
  /** Host written into Contact and SDP where a wildcard address is listened on. */
  readonly advertise?: string;
  readonly rtpPorts: { readonly from: number; readonly to: number };
  /** Where sounds with relative names are. */
  readonly sounds: string;
  /** Where recordings with relative names go. */
  readonly recordings: string;
  /** Calls beyond these are refused with 503. */
  readonly maxSessions: number;
  readonly heartbeatMs: number;
  /** Milliseconds without media after which a call ends with MEDIA_TIMEOUT; 0: never. */
  readonly mediaTimeoutMs: number;
  /** Address blocks SIP is taken from; absent: from anywhere. */
  readonly allow?: readonly string[];
}

export interface HostPort {
  readonly host: string;
  readonly port: number;
}

export const DEFAULTS: Omit<MediaServerOptions, 'secret'> = {
  sip: { host: '127.0.0.1', port: 5070 },
  esl: { host: '127.0.0.1', port: 8021 },
  profile: 'drachtio_mrf',
  rtpPorts: { from: 16_384, to: 32_767 },
  sounds: 'sounds',
  recordings: 'recordings',
  maxSessions: 1000,
  heartbeatMs: 20_000,
  mediaTimeoutMs: 0,
};

export function parseHostPort(text: string): HostPort | undefined {
  const colon = text.lastIndexOf(':');
  if (colon <= 0) return undefined;
  const host = text.slice(0, colon).replace(/^\[|\]$/g, '');
  const digits = text.slice(colon + 1);
  const port = Number(digits);
  if (host === '' || !/^\d{1,5}$/.test(digits) || port > 65_535) return undefined;
  return { host, port };
}

export const hostPort = ({ host, port }: HostPort): string =>
  host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
