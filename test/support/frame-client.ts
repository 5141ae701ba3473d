import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { until } from './poll.js';

/** One frame of the application protocol, `<length>#<payload>`. */
export interface Frame {
  /** `|`-separated tokens of the first line: id, kind, ... */
  readonly tokens: readonly string[];
  readonly kind: string;
  /** What follows the first line: a SIP message, or nothing. */
  readonly sip: string;
  readonly payload: string;
  /** Length the frame announced, in bytes. */
  readonly length: number;
}

export type FrameMatcher = (frame: Frame) => boolean;

/** `reply to this message id` */
export const replyTo =
  (id: string): FrameMatcher =>
  (frame) =>
    frame.kind === 'response' && frame.tokens[2] === id;

/** A SIP frame whose message starts like this, e.g. `sipFrame('ACK ')`, `sipFrame('SIP/2.0 200')`. */
export const sipFrame =
  (startsWith: string): FrameMatcher =>
  (frame) =>
    frame.kind === 'sip' && frame.sip.startsWith(startsWith);

interface Waiter {
  readonly matches: FrameMatcher;
  readonly take: (frame: Frame) => void;
}

/** The application's end of the admin socket, in the hands of a test: bytes out, frames in. */
export class FrameClient {
  readonly received: Frame[] = [];
  closed = false;
  private rest: Buffer = Buffer.alloc(0);
  private readonly queue: Frame[] = [];
  private readonly waiters = new Set<Waiter>();

  private constructor(private readonly socket: Socket) {
    socket.setNoDelay(true);
    socket.on('data', (chunk) => this.read(chunk));
    socket.on('error', () => undefined);
    socket.on('close', () => {
      this.closed = true;
    });
  }

  static async open(admin: { readonly host: string; readonly port: number }): Promise<FrameClient> {
    const socket = connect({ host: admin.host, port: admin.port });
    await once(socket, 'connect');
    return new FrameClient(socket);
  }

  /** Bytes as they are, framed by the test itself. */
  write(bytes: string | Buffer): void {
    this.socket.write(bytes);
  }

  /** Sends `<id>|<payload>` as one frame and returns the id. */
  send(payload: string): string {
    const { id, bytes } = FrameClient.frame(payload);
    this.write(bytes);
    return id;
  }

  static frame(payload: string): { id: string; bytes: Buffer } {
    const id = randomUUID();
    const body = Buffer.from(`${id}|${payload}`);
    return { id, bytes: Buffer.concat([Buffer.from(`${body.length}#`), body]) };
  }

  /** Sends and waits for the reply. */
  ask(payload: string, timeoutMs?: number): Promise<Frame> {
    return this.expect(replyTo(this.send(payload)), timeoutMs);
  }

  async authenticate(secret: string, tags: readonly string[] = []): Promise<Frame> {
    return this.ask(`authenticate|${secret}|${tags.join(',')}`);
  }

  expect(matches: FrameMatcher, timeoutMs = 3000): Promise<Frame> {
    const index = this.queue.findIndex(matches);
    const [here] = index < 0 ? [] : this.queue.splice(index, 1);
    if (here !== undefined) return Promise.resolve(here);
    const error = new Error(`no matching frame within ${timeoutMs} ms`);
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.waiters.delete(waiter);
        error.message += `; queued: ${JSON.stringify(this.queue.map((f) => f.payload.slice(0, 200)))}`;
        reject(error);
      }, timeoutMs);
      const waiter: Waiter = {
        matches,
        take: (frame) => {
          clearTimeout(timer);
          this.waiters.delete(waiter);
          resolve(frame);
        },
      };
      this.waiters.add(waiter);
    });
  }

  /** Resolves when the server has hung up, be it by a reset because it left bytes unread. */
  ended(timeoutMs = 3000): Promise<void> {
    return until(() => this.closed, 'the server hung up', timeoutMs);
  }

  close(): void {
    this.socket.destroy();
  }

  private read(chunk: Buffer): void {
    this.rest = Buffer.concat([this.rest, chunk]);
    for (;;) {
      const hash = this.rest.indexOf('#');
      if (hash < 0) return;
      const length = Number(this.rest.toString('latin1', 0, hash));
      if (!Number.isInteger(length) || length <= 0) throw new Error('the server broke framing');
      if (this.rest.length < hash + 1 + length) return;
      this.deliver(this.rest.toString('utf8', hash + 1, hash + 1 + length), length);
      this.rest = this.rest.subarray(hash + 1 + length);
    }
  }

  private deliver(payload: string, length: number): void {
    const eol = payload.indexOf('\r\n');
    const tokens = (eol < 0 ? payload : payload.slice(0, eol)).split('|');
    const sip = eol < 0 ? '' : payload.slice(eol + 2);
    const frame: Frame = { tokens, kind: tokens[1] ?? '', sip, payload, length };
    this.received.push(frame);
    const waiter = [...this.waiters].find((w) => w.matches(frame));
    if (waiter === undefined) this.queue.push(frame);
    else waiter.take(frame);
  }
}
