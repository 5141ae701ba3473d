import type { ServerResponse } from 'node:http';
import type { PublishedEvent } from '../../ports/bot-runtime.js';
import type { Deps } from './options.js';

/**
 * One client of the event log. The stream pulls: it reads a page of the store behind its cursor only when the
 * client's socket has taken the page before. So there is nothing to buffer, no gap between replay and live, and
 * no event twice; a wake-up only says that looking again is worth while.
 */
export class EventStream {
  private over = false;
  /** Something happened since the last look. */
  private stale = false;
  private resume: () => void = () => undefined;

  constructor(
    private readonly out: ServerResponse,
    private readonly deps: Pick<Deps, 'store' | 'events' | 'clock' | 'limits'>,
    private cursor: string | undefined,
  ) {}

  /**
   * Resolves when the client is gone or was sent away; rejects when the store fails. The client is told at once where it
   * is, so that a reconnect before the first event goes on from there, too.
   */
  async run(requestId: string): Promise<void> {
    const unsubscribe = this.deps.events.subscribe(() => this.wake());
    const stopBeating = this.beat();
    this.out.once('close', () => this.end());
    this.out.on('error', () => this.end());
    try {
      this.out.writeHead(200, headers(requestId));
      this.out.write(`retry: 2000\nid: ${this.place()}\n\n`);
      await this.pump();
    } finally {
      unsubscribe();
      stopBeating();
    }
  }

  end(): void {
    if (this.over) return;
    this.over = true;
    this.out.end();
    this.resume();
  }

  /** A cursor that is none of ours begins with the oldest, and is not repeated: it may hold lines of a stream. */
  private place(): string {
    return this.cursor !== undefined && /^[\w-]+$/.test(this.cursor) ? this.cursor : BEFORE_ALL;
  }

  private async pump(): Promise<void> {
    while (!this.over) {
      this.stale = false;
      const page = await this.deps.store.readEvents(this.cursor, this.deps.limits.streamPage);
      const last = page.at(-1);
      if (last === undefined) {
        await this.news();
        continue;
      }
      this.cursor = last.cursor;
      if (!this.out.write(page.map(frame).join(''))) await this.drained();
    }
  }

  private wake(): void {
    this.stale = true;
    this.resume();
  }

  private news(): Promise<void> {
    return new Promise((resolve) => {
      this.resume = resolve;
      // The event may have come while the empty page was on its way.
      if (this.stale || this.over) resolve();
    });
  }

  /** Waits for the client to read; one that does not is cut off and may come back with its cursor. */
  private drained(): Promise<void> {
    return new Promise((resolve) => {
      const giveUp = this.deps.clock.after(this.deps.limits.slowClientMs, () => this.out.destroy());
      const done = (): void => {
        giveUp();
        this.out.off('drain', done);
        this.out.off('close', done);
        resolve();
      };
      this.out.on('drain', done);
      this.out.on('close', done);
      if (this.over) done();
    });
  }

  /** A comment keeps proxies from closing a silent stream; the look at the store makes up for a lost wake-up. */
  private beat(): () => void {
    let cancel = (): void => undefined;
    const next = (): void => {
      cancel = this.deps.clock.after(this.deps.limits.heartbeatMs, () => {
        if (!this.out.writableNeedDrain && !this.over) this.out.write(': heartbeat\n\n');
        this.wake();
        next();
      });
    };
    next();
    return () => cancel();
  }
}

/** A cursor no event has: behind it comes the oldest. */
const BEFORE_ALL = '0-0';

const headers = (requestId: string) => ({
  'content-type': 'text/event-stream; charset=utf-8',
  'cache-control': 'no-store',
  // nginx buffers a response unless told otherwise.
  'x-accel-buffering': 'no',
  'x-request-id': requestId,
});

const frame = ({ cursor, event }: { readonly cursor: string; readonly event: PublishedEvent }): string =>
  `id: ${cursor}\nevent: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`;
