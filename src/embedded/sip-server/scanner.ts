import { COLON, CR, HT, LF, SP, isBlank, isDigit, isTokenChar, parseDigits } from './chars.js';
import { H, knownHeader } from './header-names.js';
import { HeaderField, SipMessage } from './sip-message.js';

export interface ScanLimits {
  /** Longest header line passed on. drachtio-srf's own header parser is quadratic on blank runs, so both are capped here. */
  readonly maxHeaderLine: number;
  readonly maxBlankRun: number;
  readonly maxHeaders: number;
  /** Drop lines whose name is not a token instead of refusing the message: what an application gets (protocol section 14). */
  readonly skipBadNames?: boolean;
}

/**
 * One linear pass over the header section (RFC 3261 section 7). A message that cannot be read as SIP at all is null; one that is
 * SIP but broken comes back with `defect` set, so that it can be answered where RFC 3261 8.2 wants an answer.
 */
export class Scanner {
  private raw = '';
  private pos = 0;
  private to = 0;
  private folded = false;
  private defect = '';
  /** Header lines dropped so far because their name was not a token. */
  skipped = 0;

  constructor(private readonly limits: ScanLimits) {}

  scan(raw: string, from: number, to: number): SipMessage | null {
    this.reset(raw, from, to);
    // RFC 3261 7.5: implementations SHOULD ignore CRLF before the start line.
    while (this.pos < to && (raw.charCodeAt(this.pos) === CR || raw.charCodeAt(this.pos) === LF)) this.pos++;
    const message = this.startLine();
    if (message === null) return null;
    this.headers(message);
    if (this.folded && this.defect === '') return this.unfold(message);
    if (this.defect !== '') message.fail(this.defect);
    this.body(message);
    return message;
  }

  private reset(raw: string, from: number, to: number): void {
    this.raw = raw;
    this.pos = from;
    this.to = to;
    this.folded = false;
    this.defect = '';
  }

  private startLine(): SipMessage | null {
    const { raw, pos: from } = this;
    const first = raw.charCodeAt(from);
    // Cheap test first: a datagram of zeros or noise must not cost a scan.
    if (!isTokenChar(first)) return null;
    const end = this.endOfLine(from);
    if (this.folded) return null;
    const message = new SipMessage(raw, from, this.to);
    return this.readResponseLine(message, end) || this.readRequestLine(message, end) ? message : null;
  }

  private readResponseLine(m: SipMessage, end: number): boolean {
    const { raw } = this;
    const from = m.start;
    if (!raw.startsWith('SIP/2.0 ', from)) return false;
    for (let i = from + 8; i < from + 11; i++) if (!isDigit(raw.charCodeAt(i))) return false;
    m.status = parseDigits(raw.slice(from + 8, from + 11));
    if (m.status < 100 || m.status > 699 || (end > from + 11 && raw.charCodeAt(from + 11) !== SP))
      return false;
    m.reason = raw.slice(from + 12, end);
    return true;
  }

  private readRequestLine(m: SipMessage, end: number): boolean {
    const { raw } = this;
    let i = m.start;
    while (i < end && isTokenChar(raw.charCodeAt(i))) i++;
    const version = raw.lastIndexOf(' ', end - 1) + 1;
    if (i === m.start || raw.charCodeAt(i) !== SP || !raw.startsWith('SIP/', version)) return false;
    m.method = raw.slice(m.start, i);
    m.uri = raw.slice(i + 1, Math.max(i + 1, version - 1));
    if (raw.slice(version, end) !== 'SIP/2.0') m.fail('Version Not Supported', 505);
    // RFC 3261 7.1: exactly one space, none inside the Request-URI, and no brackets around it.
    if (m.uri === '' || m.uri.includes(' ') || m.uri.includes('\t') || m.uri.startsWith('<'))
      m.fail('Bad Request-URI');
    return true;
  }

  private headers(m: SipMessage): void {
    const { raw } = this;
    let last: HeaderField | null = null;
    let count = 0;
    while (this.pos < this.to) {
      const c = raw.charCodeAt(this.pos);
      if (c === CR && raw.charCodeAt(this.pos + 1) === LF) {
        this.pos += 2;
        m.bodyStart = this.pos;
        return;
      }
      const field = this.headerLine();
      if (field === null) continue;
      if (last === null) m.first = field;
      else last.next = field;
      last = field;
      if (++count > this.limits.maxHeaders) this.defect = 'Too Many Headers';
    }
    m.bodyStart = this.to;
    this.defect = 'Truncated Message';
  }

  private headerLine(): HeaderField | null {
    const { raw } = this;
    const start = this.pos;
    let i = start;
    while (i < this.to && isTokenChar(raw.charCodeAt(i))) i++;
    const nameEnd = i;
    while (i < this.to && isBlank(raw.charCodeAt(i))) i++;
    if (nameEnd === start || raw.charCodeAt(i) !== COLON) {
      this.endOfLine(start);
      this.skipped++;
      if (this.limits.skipBadNames !== true) this.defect = 'Bad Header';
      return null;
    }
    if (i - nameEnd > this.limits.maxBlankRun) this.defect = 'Bad Header';
    let valueEnd = this.endOfLine(i + 1);
    let from = i + 1;
    while (from < valueEnd && isBlank(raw.charCodeAt(from))) from++;
    while (valueEnd > from && isBlank(raw.charCodeAt(valueEnd - 1))) valueEnd--;
    return new HeaderField(knownHeader(raw, start, nameEnd), start, nameEnd, from, valueEnd);
  }

  /** Runs to the end of the line, folded ones included, and leaves `pos` behind its terminator. */
  private endOfLine(from: number): number {
    const { raw, to } = this;
    const { maxBlankRun, maxHeaderLine } = this.limits;
    let blanks = 0;
    for (let i = from; i < to; i++) {
      const c = raw.charCodeAt(i);
      if (c > SP) {
        blanks = 0;
      } else if (c === SP || c === HT) {
        if (++blanks > maxBlankRun) this.defect = 'Too Many Blanks';
      } else if (c === CR && raw.charCodeAt(i + 1) === LF && i + 1 < to) {
        if (i + 2 >= to || !isBlank(raw.charCodeAt(i + 2))) {
          if (i - from > maxHeaderLine) this.defect = 'Header Too Long';
          this.pos = i + 2;
          return i;
        }
        this.folded = true;
        i++;
      } else {
        // A bare LF or CR ends a line for some parsers and not for others: the classic way to smuggle a header.
        this.defect = 'Control Character';
        if (c === LF) {
          this.pos = i + 1;
          return i;
        }
      }
    }
    this.defect = 'Truncated Message';
    this.pos = to;
    return to;
  }

  /** RFC 3261 7.3.1: a fold is one space. Done once, then scanned again, so that nobody behind us sees CRLF in a value. */
  private unfold(m: SipMessage): SipMessage | null {
    const { raw } = this;
    let text = '';
    let from = m.start;
    for (let at = raw.indexOf('\r\n', from); at >= 0 && at < m.bodyStart; at = raw.indexOf('\r\n', at)) {
      let next = at + 2;
      while (isBlank(raw.charCodeAt(next)) && next < m.bodyStart) next++;
      if (next > at + 2) {
        text += raw.slice(from, at) + ' ';
        from = next;
      }
      at = next;
    }
    text += raw.slice(from, this.to);
    return this.scan(text, 0, text.length);
  }

  /** RFC 3261 18.3: bytes beyond Content-Length are not ours; fewer than announced is an error. Absent means all there is. */
  private body(m: SipMessage): void {
    let length = -1;
    for (let f = m.first; f !== null; f = f.next) {
      if (f.id !== H.ContentLength) continue;
      const n = parseDigits(m.valueOf(f));
      if (n < 0 || (length >= 0 && n !== length)) {
        m.fail('Bad Content-Length');
        return;
      }
      length = n;
    }
    if (length < 0) return;
    if (m.bodyStart + length > m.end) m.fail('Body Shorter Than Content-Length');
    else m.end = m.bodyStart + length;
  }
}
