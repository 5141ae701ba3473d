import type { Refusal } from '../domain/outcome.js';
import type { Admitted, Refused } from '../ports/places.js';

/**
 * A place on a trunk that was asked for. The answer may be there at once; until it is, whoever asked may leave, and a
 * place that comes all the same is given back.
 */
export class Claim {
  private left = false;
  private answer: Admitted | null = null;
  private waiting: ((answer: Admitted) => void) | null = null;

  constructor(asked: Admitted | Promise<Admitted>) {
    if (asked instanceof Promise) void asked.then((answer) => this.take(answer));
    else this.answer = asked;
  }

  /** The place is there and wanted. */
  get holds(): boolean {
    return this.answer?.ok === true && !this.left;
  }

  /** Why there is none, once that is known. */
  get refused(): Refused | null {
    return this.answer?.ok === false ? this.answer : null;
  }

  /** Tells one, and only one, what came of it: at once when that is known, never after it was left. */
  whenAnswered(told: (answer: Admitted) => void): void {
    if (this.left) return;
    if (this.answer === null) this.waiting = told;
    else told(this.answer);
  }

  /** Gives the place back, or waits for it no more; more than once does no harm. */
  readonly leave = (): void => {
    if (this.left) return;
    this.left = true;
    this.waiting = null;
    if (this.answer?.ok === true) this.answer.release();
  };

  private take(answer: Admitted): void {
    this.answer = answer;
    if (this.left) {
      if (answer.ok) answer.release();
      return;
    }
    const { waiting } = this;
    this.waiting = null;
    waiting?.(answer);
  }
}

/** The answer to a request that was never sent, for its trunk is full: as if the trunk itself had said so. */
export const keptBack = ({ why, retryAfterMs }: Refused): Refusal => ({
  ...{ code: 503, reason: why, q850: null },
  ...{ retryAfterMs, by: 'policy' },
});
