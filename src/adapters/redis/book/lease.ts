import type { Clock } from '../../../ports/clock.js';
import type { EngineId } from '../../../ports/call-book.js';
import type { Log } from '../../../ports/log.js';
import { within } from '../within.js';
import { ENGINES_KEY, leaseKey, type LeaseWord } from './keys.js';
import type { BookDeadlines } from './options.js';
import type { BookLink } from './page-writer.js';

export interface LeaseParts {
  readonly engine: EngineId;
  readonly link: BookLink;
  readonly clock: Clock;
  readonly log: Log;
  /** Redis may have lost what it had of us, or given it to others. */
  readonly shaken: () => void;
}

/** Says every second that this engine lives, and knows when that could not be heard. */
export class Lease {
  private word: LeaseWord = 'takes';
  private held = false;
  /** Since the last renewal that was answered something went wrong. */
  private troubled = false;
  private stopped = false;
  private cancelNext: () => void = () => undefined;
  /** Whose lease ran out may say nothing before this: ms since the epoch. */
  private trustedFrom: number;

  constructor(
    private readonly parts: LeaseParts,
    private readonly deadlines: BookDeadlines,
  ) {
    this.trustedFrom = parts.clock.now() + deadlines.firstLookMs;
  }

  /** Have the others had the time to renew their leases. */
  othersHadTime(): boolean {
    return !this.troubled && this.parts.clock.now() >= this.trustedFrom;
  }

  async begin(): Promise<void> {
    this.trustedFrom = this.parts.clock.now() + this.deadlines.firstLookMs;
    this.parts.link.whenConnected(() => {
      this.troubled = true;
      // At once, not at the next renewal: the shorter we are missed, the fewer calls change hands.
      void this.renew();
    });
    await this.renew();
    this.renewLater();
  }

  decline(): void {
    this.word = 'declines';
    void this.renew();
  }

  async end(): Promise<void> {
    this.stopped = true;
    this.cancelNext();
    const { link, clock, engine } = this.parts;
    if (!link.isReady) return;
    // In the order of the connection, so behind every renewal that is under way.
    const deleted = link.commands.del(leaseKey(engine));
    await within(clock, this.deadlines.readMs, deleted).catch(() => undefined);
  }

  /** At fixed times, not after answers: a slow Redis is told as often as a quick one. */
  private renewLater(): void {
    this.cancelNext = this.parts.clock.after(this.deadlines.renewMs, () => {
      void this.renew();
      this.renewLater();
    });
  }

  private async renew(): Promise<void> {
    const { link, clock } = this.parts;
    if (this.stopped) return;
    this.troubled ||= !link.isReady;
    if (!link.isReady) return;
    try {
      const before = await within(clock, this.deadlines.writeMs, this.write());
      this.heard(before !== null);
    } catch {
      this.troubled = true;
    }
  }

  /** Answers what the lease said before; `null`: it had run out, or Redis has lost it. */
  private async write(): Promise<string | null> {
    const { link, engine } = this.parts;
    const lease = link.commands.set(leaseKey(engine), this.word, 'PX', this.deadlines.leaseMs, 'GET');
    // Behind the lease: an engine in the list without one is dead.
    const [before] = await Promise.all([lease, link.commands.sadd(ENGINES_KEY, engine)]);
    return before;
  }

  private heard(stillHeld: boolean): void {
    const { clock, log, shaken, engine } = this.parts;
    const lapsed = this.held && !stillHeld;
    if (lapsed || this.troubled) {
      this.trustedFrom = clock.now() + this.deadlines.graceMs;
      this.troubled = false;
      if (lapsed) log.warn({ engine }, 'this engine was not heard for a while; others may have its calls');
      shaken();
    }
    this.held = true;
  }
}
