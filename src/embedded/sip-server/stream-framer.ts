import { CR, LF } from './chars.js';
import { H } from './header-names.js';
import type { SipLimits } from './options.js';
import type { Scanner } from './scanner.js';
import type { SipMessage } from './sip-message.js';

const HEAD_END = Buffer.from('\r\n\r\n', 'latin1');

/** `more`: wait for bytes; `ping`: a keep-alive wants an answer; `broken`: the stream cannot be followed any further. */
export type Framed = SipMessage | 'more' | 'ping' | 'broken';

/** Cuts a TCP stream into messages by Content-Length (RFC 3261 18.3). Every byte is looked at once, however it arrives. */
export class StreamFramer {
  private chunks: Buffer[] = [];
  private size = 0;
  private needed = 0;
  private searched = 0;

  constructor(
    private readonly scanner: Scanner,
    private readonly limits: SipLimits,
  ) {}

  push(chunk: Buffer): void {
    this.chunks.push(chunk);
    this.size += chunk.length;
  }

  next(): Framed {
    // While a body of known length is under way, chunks are only counted; they are joined once.
    if (this.size === 0 || this.size < this.needed) return 'more';
    const skipped = this.keepAlive(this.joined());
    if (skipped !== undefined) return skipped;
    const all = this.joined();
    const end = all.indexOf(HEAD_END, Math.max(0, this.searched - HEAD_END.length));
    if (end < 0) {
      this.searched = all.length;
      return all.length > this.limits.maxHeaderBytes ? 'broken' : 'more';
    }
    return this.message(all, end + HEAD_END.length);
  }

  private message(all: Buffer, headLength: number): Framed {
    this.searched = headLength;
    if (headLength > this.limits.maxHeaderBytes) return 'broken';
    const head = this.scanner.scan(all.toString('latin1', 0, headLength), 0, headLength);
    if (head === null) return 'broken';
    const length = contentLength(head);
    if (length < 0) return 'broken';
    const total = headLength + length;
    if (total > this.limits.maxMessageBytes) {
      head.defect = 'Request Entity Too Large';
      head.defectStatus = 413;
      return head;
    }
    if (all.length < total) {
      this.needed = total;
      return 'more';
    }
    this.consume(all, total);
    return length === 0 ? head : (this.scanner.scan(all.toString('latin1', 0, total), 0, total) ?? 'broken');
  }

  /** CRLF between messages (RFC 3261 7.5) and the double CRLF ping of RFC 5626. */
  private keepAlive(all: Buffer): 'ping' | 'more' | undefined {
    let n = 0;
    while (n < all.length && (all[n] === CR || all[n] === LF)) n++;
    if (n === 0) return undefined;
    // A lone CRLF may be half of a ping: wait for the rest.
    if (n === all.length && n < 4) return 'more';
    this.consume(all, n);
    if (n >= 4) return 'ping';
    return all.length === n ? 'more' : this.keepAlive(this.joined());
  }

  private joined(): Buffer {
    const only = this.chunks[0];
    if (this.chunks.length === 1 && only !== undefined) return only;
    const all = Buffer.concat(this.chunks, this.size);
    this.chunks = [all];
    return all;
  }

  private consume(all: Buffer, count: number): void {
    this.chunks = count < all.length ? [all.subarray(count)] : [];
    this.size = all.length - count;
    this.needed = 0;
    this.searched = 0;
  }
}

/** -1 when the header is not a number; 0 when absent, because on a stream nothing else can be assumed. */
function contentLength(head: SipMessage): number {
  const field = head.find(H.ContentLength);
  if (field === null) return 0;
  const value = head.valueOf(field);
  return /^\d{1,9}$/.test(value) ? Number(value) : -1;
}
