import { readFile } from 'node:fs/promises';

/** One message of a party's SIPp log. */
export interface SipMessage {
  /** Seen from the party. */
  readonly direction: 'received' | 'sent';
  /** `INVITE`, or code and method of a response: `200 INVITE`. */
  readonly name: string;
  readonly startLine: string;
  /** In order, case kept. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: string;
  readonly text: string;
}

/** Branch of the requests that only cue a party; they are no part of the call. */
export const CUE_BRANCH = 'z9hG4bK-cue';

const BLOCK = /^-{40,}[^\n]*\n(?:UDP|TCP|TLS) message (received|sent)[^\n]*\n\n/gm;
const END = /\n-{40,}/;

/** The messages of a party, read from what SIPp writes with -trace_msg; without cues and retransmissions. */
export async function readMessages(file: string): Promise<readonly SipMessage[]> {
  return parseLog(await readFile(file, 'utf8').catch(() => ''));
}

export function parseLog(log: string): readonly SipMessage[] {
  const text = log.replaceAll('\r\n', '\n');
  const seen = new Set<string>();
  const messages: SipMessage[] = [];
  for (const block of text.matchAll(BLOCK)) {
    const start = block.index + block[0].length;
    const rest = text.slice(start);
    const end = END.exec(rest)?.index ?? rest.length;
    const message = parseMessage(block[1] === 'sent' ? 'sent' : 'received', rest.slice(0, end).trimEnd());
    const key = `${message.direction} ${message.text}`;
    if (seen.has(key) || message.text.includes(CUE_BRANCH)) continue;
    seen.add(key);
    messages.push(message);
  }
  return messages;
}

function parseMessage(direction: SipMessage['direction'], text: string): SipMessage {
  const split = text.indexOf('\n\n');
  const head = split < 0 ? text : text.slice(0, split);
  const [startLine = '', ...lines] = head.split('\n');
  const headers = lines.map((line): [string, string] => {
    const colon = line.indexOf(':');
    return [line.slice(0, colon).trim(), line.slice(colon + 1).trim()];
  });
  const first = startLine.split(' ');
  const method = headers.find(([name]) => name.toLowerCase() === 'cseq')?.[1].split(/\s+/)[1] ?? '';
  const name = startLine.startsWith('SIP/2.0 ') ? `${first[1] ?? ''} ${method}` : (first[0] ?? '');
  return { direction, name, startLine, headers, body: split < 0 ? '' : text.slice(split + 2), text };
}

/** Value of the first header of that name, in any case. */
export const headerOf = ({ headers }: SipMessage, name: string): string | undefined =>
  headers.find(([given]) => given.toLowerCase() === name.toLowerCase())?.[1];

/** A header (`Call-ID`), or one parameter of it (`To;tag`). */
export function headerPart(message: SipMessage, from: string): string | undefined {
  const [name = '', parameter] = from.split(';');
  const value = headerOf(message, name);
  if (parameter === undefined || value === undefined) return value;
  const parts = value.slice(value.indexOf('>') + 1).split(';');
  return parts
    .find((part) => part.trim().startsWith(`${parameter}=`))
    ?.trim()
    .slice(parameter.length + 1);
}
