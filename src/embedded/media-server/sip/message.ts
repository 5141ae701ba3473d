/** A SIP message of the one peer this server has (drachtio); header names in lower case, long form. */
export interface SipMessage {
  /** Empty in a response. */
  readonly method: string;
  readonly uri: string;
  /** 0 in a request. */
  readonly status: number;
  readonly headers: ReadonlyMap<string, readonly string[]>;
  readonly body: string;
}

/** RFC 3261 7.3.3, and RFC 3515 for `r`. */
const COMPACT: Readonly<Record<string, string>> = {
  i: 'call-id',
  m: 'contact',
  e: 'content-encoding',
  l: 'content-length',
  c: 'content-type',
  f: 'from',
  s: 'subject',
  k: 'supported',
  t: 'to',
  v: 'via',
};

/** Headers whose values may stand in one line, separated by commas, and are read here one by one. */
const LISTS = new Set(['via', 'route', 'record-route']);

/** Null when the text is not SIP or lacks what every message must have (RFC 3261 8.1.1). */
export function parseSip(text: string): SipMessage | null {
  const headEnd = text.indexOf('\r\n\r\n');
  if (headEnd < 0) return null;
  const [start = '', ...lines] = text
    .slice(0, headEnd)
    .replace(/\r\n[ \t]+/g, ' ')
    .split('\r\n');
  const headers = readHeaders(lines);
  if (headers === null || REQUIRED.some((name) => !headers.has(name))) return null;
  const rest = { headers, body: text.slice(headEnd + 4) };
  const response = /^SIP\/2\.0 ([1-6]\d\d)(?: |$)/.exec(start);
  if (response !== null) return { method: '', uri: '', status: Number(response[1]), ...rest };
  const request = /^([A-Za-z]+) (\S+) SIP\/2\.0$/.exec(start);
  return request === null ? null : { method: request[1] ?? '', uri: request[2] ?? '', status: 0, ...rest };
}

const REQUIRED = ['via', 'from', 'to', 'call-id', 'cseq'];

function readHeaders(lines: readonly string[]): Map<string, string[]> | null {
  const headers = new Map<string, string[]>();
  for (const line of lines) {
    const colon = line.indexOf(':');
    if (colon <= 0) return null;
    const written = line.slice(0, colon).trim().toLowerCase();
    const name = COMPACT[written] ?? written;
    const value = line.slice(colon + 1).trim();
    const values = headers.get(name) ?? [];
    values.push(...(LISTS.has(name) ? splitList(value) : [value]));
    headers.set(name, values);
  }
  return headers;
}

/** Commas outside of quotes and angle brackets separate. */
export function splitList(value: string): string[] {
  const parts = value.match(/(?:"(?:[^"\\]|\\.)*"|<[^>]*>|[^,"<])+/g) ?? [];
  return parts.map((part) => part.trim()).filter((part) => part !== '');
}

export const header = (message: SipMessage, name: string): string => message.headers.get(name)?.[0] ?? '';

export const headersOf = (message: SipMessage, name: string): readonly string[] =>
  message.headers.get(name) ?? [];

/** The tag of a From or To value; empty when there is none. */
export const tagOf = (value: string): string =>
  /;\s*tag=([^;\s]+)/i.exec(value.replace(/<[^>]*>/, ''))?.[1] ?? '';

/** The URI of a name-addr or addr-spec. */
export function uriOf(value: string): string {
  const bracketed = /<([^>]+)>/.exec(value)?.[1];
  return bracketed ?? (value.split(';')[0] ?? '').trim();
}

export function cseqOf(message: SipMessage): { number: number; method: string } {
  const match = /^(\d{1,10})\s+(\S+)$/.exec(header(message, 'cseq'));
  return { number: Number(match?.[1] ?? -1), method: match?.[2] ?? '' };
}

export const branchOf = (message: SipMessage): string =>
  /;\s*branch=([^;\s]+)/i.exec(header(message, 'via'))?.[1] ?? '';

export function writeSip(
  startLine: string,
  headers: readonly (readonly [string, string])[],
  body = '',
): string {
  const lines = headers.map(([name, value]) => `${name}: ${value}\r\n`).join('');
  return `${startLine}\r\n${lines}Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
}
