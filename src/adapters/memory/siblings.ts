import { AppError } from '../../errors.js';
import type { EngineId } from '../../ports/call-book.js';
import type { Clock } from '../../ports/clock.js';
import type { Answerer, Siblings } from '../../ports/siblings.js';

/** Engines of one process by their id. */
export type Neighbours = Map<EngineId, Answerer>;

const ANSWER_MS = 3_000;

/** An engine that is alone, or has its siblings in its own process. */
export function createMemorySiblings(
  engine: EngineId,
  clock: Pick<Clock, 'after'>,
  neighbours: Neighbours = new Map(),
): Siblings {
  return new MemorySiblings(engine, clock, neighbours);
}

class MemorySiblings implements Siblings {
  private readonly waiting = new Set<(error: AppError) => void>();

  constructor(
    readonly engine: EngineId,
    private readonly clock: Pick<Clock, 'after'>,
    private readonly neighbours: Neighbours,
  ) {}

  start(answer: Answerer): Promise<void> {
    this.neighbours.set(this.engine, answer);
    return Promise.resolve();
  }

  ask(engine: EngineId, question: unknown): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const end = (): void => {
        takeTimer();
        this.waiting.delete(refuse);
      };
      const refuse = (error: AppError): void => {
        end();
        reject(error);
      };
      const takeTimer = this.clock.after(ANSWER_MS, () =>
        refuse(unreachable(engine, `did not answer within ${ANSWER_MS} ms`)),
      );
      this.waiting.add(refuse);
      this.asked(engine, question).then(
        (value) => {
          end();
          resolve(value);
        },
        (error: unknown) => refuse(appErrorOf(error)),
      );
    });
  }

  stop(): Promise<void> {
    this.neighbours.delete(this.engine);
    for (const refuse of [...this.waiting]) refuse(unreachable(this.engine, 'is stopping'));
    return Promise.resolve();
  }

  /** Nothing but what JSON can say gets across, as between processes. */
  private async asked(engine: EngineId, question: unknown): Promise<unknown> {
    const answer = this.neighbours.get(engine);
    if (answer === undefined) throw unreachable(engine, 'is not there any more');
    return overJson(await answer(overJson(question)));
  }
}

const overJson = (value: unknown): unknown => JSON.parse(JSON.stringify(value ?? null)) as unknown;

const unreachable = (engine: EngineId, what: string): AppError =>
  new AppError('engine_unreachable', `engine ${engine} ${what}`);

const appErrorOf = (error: unknown): AppError =>
  error instanceof AppError ? error : new AppError('internal', 'the engine of the call failed');
