import { AppError } from '../../../errors.js';
import type { EngineId } from '../../../ports/call-book.js';
import type { Clock } from '../../../ports/clock.js';

interface Open {
  readonly engine: EngineId;
  readonly end: (how: (settle: Settle) => void) => void;
}

interface Settle {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: AppError) => void;
}

/** Questions of ours that wait for their answer, each until its deadline. The first word on one is the last. */
export class OpenQuestions {
  private readonly open = new Map<string, Open>();

  constructor(
    private readonly clock: Pick<Clock, 'after'>,
    private readonly answerMs: number,
  ) {}

  get size(): number {
    return this.open.size;
  }

  add(id: string, engine: EngineId): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const takeTimer = this.clock.after(this.answerMs, () =>
        this.refuse(id, `did not answer within ${this.answerMs} ms`),
      );
      const end: Open['end'] = (how) => {
        takeTimer();
        this.open.delete(id);
        how({ resolve, reject });
      };
      this.open.set(id, { engine, end });
    });
  }

  answered(id: string, value: unknown): void {
    this.open.get(id)?.end(({ resolve }) => resolve(value));
  }

  /** The other engine's own word. */
  failed(id: string, error: AppError): void {
    this.open.get(id)?.end(({ reject }) => reject(error));
  }

  /** Ours: `what` completes "engine X ...". */
  refuse(id: string, what: string): void {
    const open = this.open.get(id);
    open?.end(({ reject }) => reject(unreachable(open.engine, what)));
  }

  refuseAll(what: string): void {
    for (const id of [...this.open.keys()]) this.refuse(id, what);
  }
}

export const unreachable = (engine: EngineId, what: string): AppError =>
  new AppError('engine_unreachable', `engine ${engine} ${what}`);
