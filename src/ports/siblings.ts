import type { EngineId } from './call-book.js';

/**
 * The other engines on the same store, which may be asked for what only the engine of a call can do. Questions and
 * answers are JSON of the engines' own making. A question reaches one engine once or not at all, and whoever asks it
 * is answered or refused within seconds.
 */
export interface Siblings {
  readonly engine: EngineId;
  /** From now on this engine can be asked. A store that is away does not fail the start: it is asked later. */
  start(answer: Answerer): Promise<void>;
  /**
   * Resolves with the answer. Rejects with the `AppError` the other engine rejected with, code, fields and members
   * as they were; or with `engine_unreachable`: nobody has that id any more (at once, where that can be known), or
   * nothing came in time, and then the question may have been carried out all the same.
   */
  ask(engine: EngineId, question: unknown): Promise<unknown>;
  /** Answers nobody any more; what was asked and is not answered is refused. */
  stop(): Promise<void>;
}

/** What is not an `AppError` reaches whoever asked as `internal`, without its inside. */
export type Answerer = (question: unknown) => Promise<unknown>;
