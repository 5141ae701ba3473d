import { HASH, ZERO, isDigit } from './chars.js';

export type FrameHandler = (text: string, from: number, to: number) => void;

/** Frames are at most this long before an application has authenticated. */
const STRANGER_LIMIT = 4096;
const MAX_DIGITS = 5;

/**
 * `<len>#<payload>` frames of the application protocol, `len` in bytes. Chunks are decoded as latin1, so that offsets are byte
 * offsets and UTF-8 passes through untouched. A frame under way is only counted, and joined once when it is complete.
 */
export class FrameReader {
  private chunks: string[] = [];
  private size = 0;
  private needed = 0;
  trusted = false;

  constructor(
    private readonly limit: number,
    private readonly handler: FrameHandler,
  ) {}

  /** False when the stream is not made of frames and the connection has to be closed. */
  push(chunk: string): boolean {
    this.chunks.push(chunk);
    this.size += chunk.length;
    if (this.size < this.needed) return true;
    const text = this.chunks.length === 1 ? chunk : this.chunks.join('');
    return this.frames(text);
  }

  private frames(text: string): boolean {
    let pos = 0;
    this.needed = 0;
    while (pos < text.length) {
      const hash = this.headerEnd(text, pos);
      if (hash === -1) return false;
      if (hash === -2) break;
      const length = Number(text.slice(pos, hash));
      if (length > (this.trusted ? this.limit : STRANGER_LIMIT)) return false;
      const end = hash + 1 + length;
      if (end > text.length) {
        this.needed = end - pos;
        break;
      }
      this.handler(text, hash + 1, end);
      pos = end;
    }
    this.chunks = pos < text.length ? [text.slice(pos)] : [];
    this.size = text.length - pos;
    return true;
  }

  /** Index of the `#`, -1 when there can be none, -2 when more bytes are needed. */
  private headerEnd(text: string, from: number): number {
    for (let i = from; i < text.length; i++) {
      const c = text.charCodeAt(i);
      if (c === HASH) return i > from && text.charCodeAt(from) !== ZERO ? i : -1;
      if (!isDigit(c) || i - from >= MAX_DIGITS) return -1;
    }
    return -2;
  }
}
