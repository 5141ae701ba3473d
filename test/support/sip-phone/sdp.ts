export interface SdpOptions {
  readonly host?: string;
  readonly port?: number;
  readonly direction?: 'sendrecv' | 'sendonly' | 'recvonly' | 'inactive';
  readonly user?: string;
  /** `o=` version: one more for each new offer. */
  readonly version?: number;
  /** Payload numbers of the audio line. */
  readonly codecs?: readonly (0 | 8 | 101)[];
}

const RTPMAP = { 0: 'PCMU/8000', 8: 'PCMA/8000', 101: 'telephone-event/8000' } as const;

/** One audio stream, enough for an offer or an answer. */
export function sdp(options: SdpOptions = {}): string {
  const { host = '127.0.0.1', port = 40000, direction = 'sendrecv', user = 'phone', version = 1 } = options;
  const codecs = options.codecs ?? [0, 8, 101];
  const family = host.includes(':') ? 'IP6' : 'IP4';
  return [
    'v=0',
    `o=${user} 1 ${version} IN ${family} ${host}`,
    's=-',
    `c=IN ${family} ${host}`,
    't=0 0',
    `m=audio ${port} RTP/AVP ${codecs.join(' ')}`,
    ...codecs.map((codec) => `a=rtpmap:${codec} ${RTPMAP[codec]}`),
    `a=${direction}`,
    '',
  ].join('\r\n');
}
