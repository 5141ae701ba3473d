/**
 * SIP messages as far as a far end needs them. It shares no parser with the engine: what the engine puts on the wire
 * is judged by somebody else.
 */

/** Bare addresses: IPv6 without brackets. */
export interface Address {
  readonly host: string;
  readonly port: number;
}

export type HeaderLines = readonly (readonly [name: string, value: string])[];

const COMPACT: Readonly<Record<string, string>> = {
  b: 'referred-by',
  c: 'content-type',
  f: 'from',
  i: 'call-id',
  k: 'supported',
  l: 'content-length',
  m: 'contact',
  o: 'event',
  r: 'refer-to',
  t: 'to',
  u: 'allow-events',
  v: 'via',
};

const canonical = (name: string): string => {
  const lower = name.trim().toLowerCase();
  return COMPACT[lower] ?? lower;
};

export class SipMessage {
  /** `''` for a response. */
  readonly method: string;
  /** Request-URI. */
  readonly uri: string;
  /** 0 for a request. */
  readonly status: number;
  /** In wire order; names in lower case and written out. */
  readonly headers: HeaderLines;
  readonly body: string;

  constructor(
    readonly raw: Buffer,
    readonly source: Address,
  ) {
    const end = raw.indexOf('\r\n\r\n');
    const head = raw.toString('utf8', 0, end < 0 ? raw.length : end);
    this.body = end < 0 ? '' : raw.toString('utf8', end + 4);
    const [first = '', ...lines] = head.replace(/\r\n[ \t]/g, ' ').split('\r\n');
    const [one = '', two = ''] = first.split(' ');
    const isResponse = one === 'SIP/2.0';
    this.status = isResponse ? Number(two) : 0;
    this.method = isResponse ? '' : one;
    this.uri = isResponse ? '' : two;
    this.headers = lines.map((line): [string, string] => {
      const colon = line.indexOf(':');
      return [canonical(line.slice(0, colon)), line.slice(colon + 1).trim()];
    });
  }

  /** First line of a header by its long name; `''` when it is not there. */
  get(name: string): string {
    return this.headers.find(([key]) => key === name)?.[1] ?? '';
  }

  all(name: string): readonly string[] {
    return this.headers.filter(([key]) => key === name).map(([, value]) => value);
  }

  get callId(): string {
    return this.get('call-id');
  }

  get cseq(): number {
    return Number(this.get('cseq').split(/\s+/)[0]);
  }

  /** Method of the CSeq header: its own, or what it answers. */
  get about(): string {
    return this.get('cseq').split(/\s+/)[1] ?? '';
  }

  /** Branch of the topmost Via: the transaction (RFC 3261 17.1.3). */
  get branch(): string {
    return /;\s*branch=([^;\s,]+)/i.exec(this.get('via'))?.[1] ?? '';
  }
}

/** The tag parameter of a From or To. */
export const tagOf = (header: string): string =>
  /;\s*tag=([^;\s,]+)/i.exec(header.slice(header.indexOf('>') + 1))?.[1] ?? '';

/** The URI of a From, To, Contact or Refer-To. */
export const uriOf = (header: string): string => {
  const open = header.indexOf('<');
  return open < 0 ? (header.split(';')[0] ?? '').trim() : header.slice(open + 1, header.indexOf('>', open));
};

/** Where a SIP URI without DNS points to; `null` when it names no address. */
export function addressOf(uri: string): Address | null {
  const match = /^sips?:(?:[^@]*@)?(\[[^\]]+\]|[^:;?>]+)(?::(\d+))?/i.exec(uri);
  if (match?.[1] === undefined) return null;
  return { host: match[1].replace(/^\[|\]$/g, ''), port: Number(match[2] ?? 5060) };
}

export const hostPort = ({ host, port }: Address): string =>
  `${host.includes(':') ? `[${host}]` : host}:${port}`;

/** A message from its parts, Content-Length counted. */
export function encode(startLine: string, headers: HeaderLines, body = ''): Buffer {
  const lines = [startLine, ...headers.map(([name, value]) => `${name}: ${value}`)];
  return Buffer.from(`${lines.join('\r\n')}\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`);
}
