import type { CallEvent } from '../domain/call-event.js';
import type { Admitter } from './admitter.js';
import { DEADLINES } from './deadlines.js';
import { canBeHandedOver } from './hand-over.js';
import type { EngineParts } from './parts.js';
import type { LiveCall, Registry } from './registry.js';
import type { Trunks } from './trunks.js';

/**
 * How an engine stops. What live calls ask for is carried out to the end, transfers included:
 *
 * ```
 *   new calls: 503 | live calls go on, for at most ms | hung up; or kept, where another engine can go on with them
 *                                                       leave: the kept ones are the other engine's
 * ```
 */
export class Drain {
  private left: Promise<void> | null = null;

  constructor(
    private readonly parts: Pick<EngineParts, 'book' | 'clock' | 'handOver' | 'log' | 'signalling'>,
    private readonly registry: Registry,
    private readonly admitter: Pick<Admitter, 'close'>,
    private readonly trunks: Pick<Trunks, 'stop'>,
  ) {}

  async run(ms: number): Promise<void> {
    this.admitter.close();
    this.parts.book.decline();
    // A server with several engines deals out its calls in turn: refusals of ours would turn its callers away.
    if (await this.hasHeirs()) this.parts.signalling.declineCalls();
    await this.trunks.stop();
    if (await this.until(ms, () => this.registry.size === 0)) return;
    const stays = this.parts.handOver && (await this.hasHeirs()) ? canBeHandedOver : () => false;
    const leaving = (): LiveCall[] => this.registry.all().filter((live) => !stays(live));
    const hungUp = leaving().length;
    const handedOver = this.registry.size - hungUp;
    this.parts.log.warn({ hungUp, handedOver }, 'calls outlived the drain time');
    for (const { runner } of leaving()) runner.post(SHUTTING_DOWN);
    await this.until(DEADLINES.shutdownMs, () => leaving().length === 0);
  }

  /** Whatever is left is let go of without a word, and is the next engine's as soon as the book is closed. */
  leave(): Promise<void> {
    this.left ??= this.letGo();
    return this.left;
  }

  private async letGo(): Promise<void> {
    const left = this.registry.all();
    await Promise.all(left.flatMap(({ teller }) => teller.written() ?? []));
    for (const { runner } of left) this.registry.lost(runner.call.id, 'the call is left to another engine');
    await this.parts.book.stop();
  }

  /** Others that are stopping too would take neither calls nor callers: all engines may be told to stop at once. */
  private async hasHeirs(): Promise<boolean> {
    const { book } = this.parts;
    return book.isShared && (await book.hasHeirs().catch(() => false));
  }

  private until(ms: number, done: () => boolean): Promise<boolean> {
    const { clock } = this.parts;
    const end = clock.now() + ms;
    return new Promise((resolve) => {
      const look = (): void => {
        if (done()) resolve(true);
        else if (clock.now() >= end) resolve(false);
        else clock.after(DEADLINES.drainPollMs, look);
      };
      look();
    });
  }
}

const SHUTTING_DOWN: CallEvent = {
  type: 'hangupRequested',
  by: 'engine',
  reason: 'the engine is shutting down',
};
