import { randomUUID } from 'node:crypto';
import type { Socket } from 'node:net';
import type { Counters } from './counters.js';
import { FrameReader } from './frame-reader.js';
import type { SipLimits } from './options.js';

export interface AppHandler {
  onFrame(app: AppConnection, text: string, from: number, to: number): void;
  onAppClosed(app: AppConnection): void;
}

/** One application (a drachtio-srf instance) connected to us. */
export class AppConnection {
  closed = false;
  authenticated = false;
  readonly routes = new Set<string>();
  /** What it calls itself: connections with a tag in common are of one application. */
  readonly tags = new Set<string>();
  private readonly reader: FrameReader;
  private readonly idPrefix = randomUUID().slice(0, 28);
  private frames = 0;
  private out = '';
  private flushing = false;

  constructor(
    private readonly socket: Socket,
    private readonly handler: AppHandler,
    private readonly counters: Counters,
    private readonly limits: SipLimits,
  ) {
    this.reader = new FrameReader(limits.maxFrameBytes, (text, from, to) => {
      if (this.closed) return;
      counters.framesIn++;
      handler.onFrame(this, text, from, to);
    });
    socket.setNoDelay(true);
    socket.on('data', (chunk: Buffer) => {
      if (!this.closed && !this.reader.push(chunk.toString('latin1'))) this.close();
    });
    socket.on('error', () => undefined);
    socket.on('close', () => this.lost());
  }

  trust(): void {
    this.authenticated = true;
    this.reader.trusted = true;
  }

  sharesTagWith(other: AppConnection): boolean {
    for (const tag of this.tags) if (other.tags.has(tag)) return true;
    return false;
  }

  /** `<id>|response|<rid>|...` */
  respond(requestId: string, rest: string): void {
    this.frame(`${this.nextId()}|response|${requestId}|${rest}`);
  }

  /** `<id>|sip|<meta6>|...` */
  sip(rest: string): void {
    this.frame(`${this.nextId()}|sip|${rest}`);
  }

  /** Unique among our frames: nobody correlates them, so one random UUID per connection and a counter are enough. */
  private nextId(): string {
    this.frames = (this.frames + 1) % 0x1_0000_0000;
    return this.idPrefix + (0x1_0000_0000 + this.frames).toString(16).slice(1);
  }

  /** Writes what is left and closes. */
  close(): void {
    if (this.closed) return;
    this.flush();
    this.socket.end();
    this.lost();
    const { socket } = this;
    setTimeout(() => socket.destroy(), 1000).unref();
  }

  /** Frames of one turn of the event loop leave in one write: a B2BUA call costs a dozen frames. */
  private frame(payload: string): void {
    if (this.closed) return;
    this.counters.framesOut++;
    this.out += `${payload.length}#${payload}`;
    if (this.flushing) return;
    this.flushing = true;
    setImmediate(this.flush);
  }

  private readonly flush = (): void => {
    this.flushing = false;
    if (this.out === '' || this.closed) return;
    const { out } = this;
    this.out = '';
    this.socket.write(out, 'latin1');
    if (this.socket.writableLength > this.limits.maxAppBacklogBytes) this.socket.destroy();
  };

  private lost(): void {
    if (this.closed) return;
    this.closed = true;
    this.out = '';
    this.handler.onAppClosed(this);
  }
}
