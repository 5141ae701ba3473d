/**
 * SIP messages as a test sees them: parsed only as far as a test asks, never repaired. The phone is the
 * judge of what the server under test puts on the wire, so it shares no parser with it.
 */

/** Where a packet came from, or goes to. Hosts are bare addresses: IPv6 without brackets. */
export interface Address {
  readonly proto: 'udp' | 'tcp';
  readonly host: string;
  readonly port: number;
}

const COMPACT: Readonly<Record<string, string>> = {
  b: 'referred-by',
  c: 'content-type',
  e: 'content-encoding',
  f: 'from',
  i: 'call-id',
  k: 'supported',
  l: 'content-length',
  m: 'contact',
  o: 'event',
  r: 'refer-to',
  s: 'subject',
  t: 'to',
  u: 'allow-events',
  v: 'via',
  x: 'session-expires',
};

const canonical = (name: string): string => {
  const lower = name.trim().toLowerCase();
  return COMPACT[lower] ?? lower;
};

export class SipMessage {
  /** `''` for a response. */
  readonly method: string;
  readonly uri: string;
  /** 0 for a request. */
  readonly status: number;
  readonly reason: string;
  readonly body: string;
  readonly callId: string;
  readonly cseq: number;
  /** Method of the CSeq header: what a response answers. */
  readonly cseqMethod: string;
  private readonly head: string;
  private parsed: [string, string][] | null = null;

  constructor(
    readonly raw: Buffer,
    readonly source: Address,
    /** TCP: the connection it came on, so an answer can go back the same way. */
    readonly connection: number | null = null,
    readonly at: number = performance.now(),
  ) {
    const end = raw.indexOf('\r\n\r\n');
    this.head = raw.toString('utf8', 0, end < 0 ? raw.length : end);
    this.body = end < 0 ? '' : raw.toString('utf8', end + 4);
    const startLine = this.head.slice(0, (this.head + '\r\n').indexOf('\r\n'));
    const response = /^SIP\/2\.0 (\d{3}) ?(.*)$/.exec(startLine);
    const request = response === null ? /^(\S+) (\S+) SIP\/2\.0$/.exec(startLine) : null;
    this.status = Number(response?.[1] ?? 0);
    this.reason = response?.[2] ?? '';
    this.method = request?.[1] ?? '';
    this.uri = request?.[2] ?? '';
    this.callId = this.get('call-id') ?? '';
    const cseq = /^(\d+)\s+(\S+)$/.exec(this.get('cseq') ?? '');
    this.cseq = Number(cseq?.[1] ?? -1);
    this.cseqMethod = cseq?.[2] ?? '';
  }

  get isRequest(): boolean {
    return this.method !== '';
  }

  /** First line of a header by its long or compact name. */
  get(name: string): string | undefined {
    const wanted = canonical(name);
    return this.headers().find(([key]) => key === wanted)?.[1];
  }

  /** A header the test cannot do without. */
  need(name: string): string {
    const value = this.get(name);
    if (value === undefined) throw new Error(`no ${name} header in\n${this.head}`);
    return value;
  }

  /** Every value of a header: repeated lines and comma lists alike (good for Via, Route, Record-Route). */
  all(name: string): string[] {
    const wanted = canonical(name);
    return this.headers()
      .filter(([key]) => key === wanted)
      .flatMap(([, value]) => splitList(value));
  }

  /** Header lines in wire order, names in lower case and written out. */
  headers(): readonly [string, string][] {
    this.parsed ??= this.head
      .replace(/\r\n[ \t]+/g, ' ')
      .split('\r\n')
      .slice(1)
      .map((line): [string, string] => {
        const colon = line.indexOf(':');
        return [canonical(line.slice(0, colon)), line.slice(colon + 1).trim()];
      });
    return this.parsed;
  }

  get fromTag(): string {
    return tagOf(this.get('from'));
  }

  get toTag(): string {
    return tagOf(this.get('to'));
  }

  /** Branch of the topmost Via: the transaction. */
  get branch(): string {
    return /;\s*branch=([^;\s,]+)/i.exec(this.get('via') ?? '')?.[1] ?? '';
  }

  /** The URI of the first Contact. */
  get contactUri(): string {
    const contact = this.need('contact');
    return /<([^>]*)>/.exec(contact)?.[1] ?? contact.split(';')[0] ?? '';
  }

  toString(): string {
    return this.raw.toString('utf8');
  }
}

export function tagOf(header: string | undefined): string {
  return /;\s*tag=([^;\s,>]+)/i.exec(header?.replace(/^.*>/, '') ?? '')?.[1] ?? '';
}

/** Splits at the commas which are outside quotes and angle brackets. */
function splitList(value: string): string[] {
  const parts = value.match(/(?:"(?:\\.|[^"\\])*"|<[^>]*>|[^,"<])+/g) ?? [];
  return parts.map((part) => part.trim()).filter((part) => part !== '');
}

/** Host and port of a SIP URI, as an address to send to. */
export function addressOf(uri: string, proto: Address['proto'] = 'udp'): Address {
  const match = /^sips?:(?:[^@]*@)?(\[[^\]]+\]|[^:;?>]+)(?::(\d+))?/i.exec(uri);
  if (match === null) throw new Error(`not a SIP URI: ${uri}`);
  const viaTcp = /;transport=tcp/i.test(uri);
  return {
    proto: viaTcp ? 'tcp' : proto,
    host: (match[1] ?? '').replace(/^\[|\]$/g, ''),
    port: Number(match[2] ?? 5060),
  };
}

export const bracketed = (host: string): string => (host.includes(':') ? `[${host}]` : host);

export type HeaderLines = readonly (readonly [string, string])[];

/** A message from its parts; Content-Length is the true one, unless the parts bring their own. */
export function encode(startLine: string, headers: HeaderLines, body = ''): Buffer {
  const lines = [startLine, ...headers.map(([name, value]) => `${name}: ${value}`)];
  if (!headers.some(([name]) => canonical(name) === 'content-length')) {
    lines.push(`Content-Length: ${Buffer.byteLength(body)}`);
  }
  return Buffer.from(`${lines.join('\r\n')}\r\n\r\n${body}`);
}
