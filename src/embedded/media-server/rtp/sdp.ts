/** One m-line of a session description with what belongs to it. */
export interface MediaLine {
  readonly kind: string;
  readonly port: number;
  readonly protocol: string;
  readonly formats: readonly string[];
  /** Host of its own `c=`, or of the session's. */
  readonly host: string;
  readonly direction: Direction;
  /** `payload number -> name/rate` in upper case. */
  readonly rtpmap: ReadonlyMap<number, string>;
}

export type Direction = 'sendrecv' | 'sendonly' | 'recvonly' | 'inactive';

const STATIC_PAYLOADS = new Map([
  [0, 'PCMU/8000'],
  [8, 'PCMA/8000'],
]);

/** The m-lines of a session description (RFC 8866); null when there is not even one. */
export function parseSdp(text: string): readonly MediaLine[] | null {
  const [session = '', ...sections] = text.split(/^(?=m=)/m);
  const host = connectionHost(session) ?? '';
  const direction = directionOf(session) ?? 'sendrecv';
  const media = sections.map((section) => readSection(section, host, direction));
  return media.length === 0 || media.includes(null) ? null : media.filter((line) => line !== null);
}

function readSection(section: string, host: string, direction: Direction): MediaLine | null {
  const line = /^m=(\S+) (\d{1,5})(?:\/\d+)? (\S+) ([^\r\n]+)/.exec(section);
  if (line === null) return null;
  const [, kind = '', port = '', protocol = '', formats = ''] = line;
  const rtpmap = new Map(STATIC_PAYLOADS);
  for (const [, number = '', name = ''] of section.matchAll(/^a=rtpmap:(\d+) ([^\s/]+\/\d+)/gm))
    rtpmap.set(Number(number), name.toUpperCase());
  return {
    kind,
    port: Number(port),
    protocol,
    formats: formats.trim().split(/\s+/),
    host: connectionHost(section) ?? host,
    direction: directionOf(section) ?? direction,
    rtpmap,
  };
}

const connectionHost = (section: string): string | undefined => /^c=IN IP[46] ([^\s/]+)/m.exec(section)?.[1];

const directionOf = (section: string): Direction | undefined =>
  /^a=(sendrecv|sendonly|recvonly|inactive)\s*$/m.exec(section)?.[1] as Direction | undefined;

/** What we may do when the far end does this (RFC 3264 section 6.1). */
export const REVERSE: Readonly<Record<Direction, Direction>> = {
  sendrecv: 'sendrecv',
  sendonly: 'recvonly',
  recvonly: 'sendonly',
  inactive: 'inactive',
};
