import type { CallId } from '../domain/ids.js';
import { AppError } from '../errors.js';
import type { BotRuntime, PublishedEvent } from '../ports/bot-runtime.js';
import type { CallBook } from '../ports/call-book.js';
import type { Clock } from '../ports/clock.js';
import type { Log } from '../ports/log.js';
import type { Store } from '../ports/store.js';
import { DEADLINES } from './deadlines.js';

export interface TellerParts {
  readonly book: Pick<CallBook, 'isShared' | 'save' | 'settled'>;
  readonly store: Pick<Store, 'appendEvent'>;
  readonly bots: Pick<BotRuntime, 'publish'>;
  readonly clock: Clock;
  readonly log: Log;
}

interface Told {
  readonly event: PublishedEvent;
  readonly question: number | null;
}

/** Events told between two pages. */
interface Batch {
  readonly told: Told[];
  readonly waiting: (() => void)[];
  /** Written down, or waited for long enough. */
  ready: boolean;
}

const batch = (): Batch => ({ told: [], waiting: [], ready: false });

/** What is written for a call that no other engine could go on with. */
const NOTHING_SHARED = '{}';

/**
 * Tells what happens in one call: first to the book, then to the event log and the bot, so that whatever a bot knows
 * outlives this engine. Events stay in their order; a book that is slow delays them, for as long as
 * `DEADLINES.writeAheadMs` and no longer.
 *
 * ```
 *   tell, tell, save -> book -> written, or the deadline -> log and bot -> both have it -> settled
 * ```
 */
export class Teller {
  private open = batch();
  /** Saved, and not told yet, in order. */
  private readonly saved: Batch[] = [];
  private lastState: string | null | undefined = undefined;
  private lost = false;

  constructor(
    private readonly parts: TellerParts,
    private readonly call: CallId,
    /** See {@link CallPage.tenure}. */
    readonly tenure: number,
  ) {}

  tell(event: PublishedEvent, question: number | null): void {
    if (this.parts.book.isShared) this.open.told.push({ event, question });
    else this.tellNow({ event, question });
  }

  /** Once more, for an engine that died before it was settled: the book has it already. */
  tellAgain(event: PublishedEvent): void {
    this.tellNow({ event, question: null });
  }

  /** The call after a run of its mailbox; `state` makes the page's, `null`: the call is over. */
  save(state: (() => string) | null): void {
    if (this.lost) return;
    const { told } = this.open;
    const text = this.textOf(state);
    if (told.length === 0 && text === this.lastState) return;
    this.lastState = text;
    const page = { callId: this.call, tenure: this.tenure, state: text, events: told.map((t) => t.event) };
    const written = this.parts.book.save(page);
    if (told.length === 0) void written.catch((error: unknown) => this.notWritten(error));
    else this.release(written, this.open);
  }

  /** Resolves when everything told so far is written, or was waited for; `null`: nothing waits. */
  written(): Promise<void> | null {
    const last = this.open.told.length > 0 ? this.open : this.saved.at(-1);
    if (last === undefined) return null;
    return new Promise((resolve) => last.waiting.push(resolve));
  }

  /**
   * The answer, once nothing told so far can be lost any more, or was waited for.
   *
   * @throws AppError `engine_unreachable`: another engine has the call, and knows nothing of it
   */
  async kept<T>(answer: T): Promise<T> {
    await this.written();
    if (this.lost) throw new AppError('engine_unreachable', 'another engine has taken the call over');
    return answer;
  }

  /** A transfer was asked for of which nothing is written yet. */
  get holdsRequest(): boolean {
    return [this.open, ...this.saved].some(({ told }) =>
      told.some(({ event }) => event.type === 'transfer.requested'),
    );
  }

  /** The call is another engine's: what was not told is its to tell. */
  drop(): void {
    this.lost = true;
    const dropped = [this.open, ...this.saved.splice(0)];
    this.open = batch();
    for (const { waiting } of dropped) for (const go of waiting) go();
  }

  private textOf(state: (() => string) | null): string | null {
    if (state === null) return null;
    return this.parts.book.isShared ? state() : NOTHING_SHARED;
  }

  private release(written: Promise<'written' | 'lost'>, mine: Batch): void {
    this.open = batch();
    this.saved.push(mine);
    const go = (): void => {
      mine.ready = true;
      this.tellReady();
    };
    const stop = this.parts.clock.after(DEADLINES.writeAheadMs, go);
    written.then(
      (result) => {
        stop();
        // Whoever has the call tells it; the reader of the book hears of the loss as well.
        if (result === 'lost') this.drop();
        else go();
      },
      (error: unknown) => {
        stop();
        this.notWritten(error);
        go();
      },
    );
  }

  private tellReady(): void {
    while (this.saved[0]?.ready === true) {
      const next = this.saved.shift();
      for (const told of next?.told ?? []) this.tellNow(told);
      for (const go of next?.waiting ?? []) go();
    }
  }

  private tellNow({ event, question }: Told): void {
    const { store, bots, book, log } = this.parts;
    let missing = 2;
    const has = (): void => {
      missing -= 1;
      if (missing === 0) book.settled(this.call, event.id);
    };
    // An event the log gave up stays in the book: the next engine writes it down.
    store.appendEvent(event).then(has, (error: unknown) => {
      log.error({ error, callId: this.call, eventId: event.id }, 'an event was not logged');
    });
    bots.publish(event, question, has);
  }

  private notWritten(error: unknown): void {
    // The same state has still to be written.
    this.lastState = undefined;
    this.parts.log.warn({ error, callId: this.call }, 'the state of a call was not written down');
  }
}
