import { isDigit } from './character-set.js';

/** Status line of a `message/sipfrag` body (RFC 3420), as a NOTIFY of a REFER carries it (RFC 3515 2.4.5). */
export interface SipStatus {
  /** 100 to 699. */
  readonly code: number;
  /** Without line ends and other control characters; at most 128 characters. `''` where none was written. */
  readonly reason: string;
}

const VERSION = 'SIP/2.0';
const MAX_LENGTH = 4096;
const MAX_REASON = 128;

/**
 * Reads the first line that is not blank. Headers behind it are left alone, and so are the habits of old stacks:
 * LF alone, blank lines or spaces in front, no reason phrase. `undefined` when that line is no status line.
 */
export function parseSipfrag(text: string): SipStatus | undefined {
  if (text.length > MAX_LENGTH) return undefined;
  const line = firstLine(text);
  if (line.slice(0, VERSION.length).toUpperCase() !== VERSION) return undefined;
  const start = skipBlanks(line, VERSION.length);
  const after = line.charCodeAt(start + 3);
  if (start === VERSION.length || !(Number.isNaN(after) || isBlank(after))) return undefined;
  const code = codeAt(line, start);
  return code === undefined ? undefined : { code, reason: printable(line.slice(start + 3)) };
}

/** The body of our own NOTIFY. */
export const formatSipfrag = ({ code, reason }: SipStatus): string =>
  `${VERSION} ${code} ${printable(reason)}\r\n`;

function firstLine(text: string): string {
  let start = 0;
  while (start < text.length && (isBlank(text.charCodeAt(start)) || isLineEnd(text.charCodeAt(start))))
    start++;
  let end = start;
  while (end < text.length && !isLineEnd(text.charCodeAt(end))) end++;
  return text.slice(start, end);
}

function codeAt(line: string, start: number): number | undefined {
  for (let i = start; i < start + 3; i++) if (!isDigit(line.charCodeAt(i))) return undefined;
  const code = Number(line.slice(start, start + 3));
  return code >= 100 && code <= 699 ? code : undefined;
}

/** A stranger's words go into events and logs: no control characters, and not all of them. */
function printable(text: string): string {
  let shown = '';
  for (const char of text.trim()) {
    const code = char.charCodeAt(0);
    if (code >= 0x20 && code !== 0x7f) shown += char;
    if (shown.length >= MAX_REASON) break;
  }
  return shown;
}

function skipBlanks(text: string, from: number): number {
  let i = from;
  while (i < text.length && isBlank(text.charCodeAt(i))) i++;
  return i;
}

const isBlank = (code: number): boolean => code === 0x20 || code === 0x09;
const isLineEnd = (code: number): boolean => code === 0x0d || code === 0x0a;
