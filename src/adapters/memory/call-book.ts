import { AppError } from '../../errors.js';
import type { CallId, EventId } from '../../domain/ids.js';
import type { BookReader, CallBook, CallPage, EngineId } from '../../ports/call-book.js';
import type { CallShelf } from './call-shelf.js';

interface WaitingPage {
  readonly page: CallPage;
  readonly done: (result: 'written' | 'lost') => void;
  readonly failed: (error: Error) => void;
}

/** A book on a shelf of this process, forgotten with it; the same promises as any other (test/contract/call-book). */
export function createMemoryCallBook(engine: EngineId, shelf: CallShelf): CallBook {
  return new MemoryCallBook(engine, shelf);
}

class MemoryCallBook implements CallBook {
  private reader: BookReader | null = null;
  private stopped = false;
  /** Taken while the shelf could not be reached, in order. */
  private waiting: WaitingPage[] = [];
  private settledAway: (readonly [CallId, EventId])[] = [];

  constructor(
    readonly engine: EngineId,
    private readonly shelf: CallShelf,
  ) {}

  get isShared(): boolean {
    return this.shelf.isShared;
  }

  start(reader: BookReader): Promise<void> {
    this.reader = reader;
    this.shelf.enter(this.engine, { orphan: (orphan) => reader.orphan(orphan), back: () => this.catchUp() });
    return Promise.resolve();
  }

  save(page: CallPage): Promise<'written' | 'lost'> {
    if (this.stopped) return Promise.reject(this.unavailable('the engine stopped'));
    if (this.shelf.hears(this.engine)) return Promise.resolve(this.write(page));
    return new Promise((done, failed) => this.waiting.push({ page, done, failed }));
  }

  settled(call: CallId, event: EventId): void {
    if (this.shelf.hears(this.engine)) this.shelf.settle(this.engine, call, event);
    else this.settledAway.push([call, event]);
  }

  engineOf(call: CallId): Promise<EngineId | null> {
    return this.ask(() => this.shelf.engineOf(call));
  }

  engines(): Promise<readonly EngineId[]> {
    return this.ask(() => this.shelf.engines());
  }

  hasHeirs(): Promise<boolean> {
    return this.ask(() => this.shelf.hasHeirsOf(this.engine));
  }

  decline(): void {
    this.shelf.decline(this.engine);
  }

  stop(): Promise<void> {
    this.stopped = true;
    for (const { failed } of this.waiting.splice(0)) failed(this.unavailable('the engine stopped'));
    this.shelf.leave(this.engine);
    return Promise.resolve();
  }

  private write(page: CallPage): 'written' | 'lost' {
    const result = this.shelf.write(this.engine, page);
    if (result === 'lost') this.reader?.lost(page.callId);
    return result;
  }

  /** The shelf can be reached again; meanwhile others may have taken what is ours. */
  private catchUp(): void {
    for (const { page, done } of this.waiting.splice(0)) done(this.write(page));
    for (const [call, event] of this.settledAway.splice(0)) this.shelf.settle(this.engine, call, event);
    for (const call of this.shelf.stolen(this.engine)) this.reader?.lost(call);
  }

  private ask<T>(answer: () => T): Promise<T> {
    if (this.shelf.hears(this.engine)) return Promise.resolve(answer());
    return Promise.reject(this.unavailable('it cannot be reached'));
  }

  private unavailable(why: string): AppError {
    return new AppError('store_unavailable', `The call book: ${why}.`);
  }
}
