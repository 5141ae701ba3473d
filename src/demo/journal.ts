import { mismatch, textOf } from './mismatch.js';

/** Something a program of the demo has seen and said. */
export interface Observation {
  readonly by: string;
  readonly kind: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

/** What is waited for; `as` ends the sentence "expected that ...". */
export interface Wanted {
  readonly as: string;
  readonly kind: string;
  readonly fields: object;
}

/** The demo did not go as told; the message says what was expected. */
export class Unexpected extends Error {
  override readonly name = 'Unexpected';
}

/** An event as the bot is told it. */
export const told = (type: string, data: object = {}): Wanted => ({
  as: `the bot is told ${type}`,
  kind: 'event',
  fields: { event: { type, data } },
});

/** A phone that is in this state. */
export const phone = (who: string, state: string, fields: object = {}): Wanted => ({
  as: `the phone of "${who}" says "${state}"`,
  kind: 'phone',
  fields: { who, state, ...fields },
});

/** The bot at a node of its flow. */
export const node = (name: string): Wanted => ({
  as: `the bot goes to ${name}`,
  kind: 'node',
  fields: { node: name },
});

/** How long anything may take: a busy machine is slow, and a demo that goes wrong has to say so soon. */
const SEE_MS = 8_000;

/** Everything seen in the call under way, and the ones who wait for more. */
export class Journal {
  private seen: Observation[] = [];
  private readonly waiting = new Set<() => void>();
  private broken: Error | undefined;

  add(observation: Observation): void {
    this.seen.push(observation);
    this.wake();
  }

  /** From now on all waiting is in vain. */
  fail(why: string): void {
    this.broken ??= new Unexpected(why);
    this.wake();
  }

  isBroken(): boolean {
    return this.broken !== undefined;
  }

  all(): readonly Observation[] {
    return this.seen;
  }

  clear(): void {
    this.seen = [];
  }

  /** The `nth` observation that matches, already there or still to come. */
  async see(
    wanted: Wanted,
    { nth = 1, ms = SEE_MS }: { nth?: number; ms?: number } = {},
  ): Promise<Observation> {
    const deadline = performance.now() + ms;
    for (;;) {
      const found = this.seen.filter((o) => matches(o, wanted))[nth - 1];
      if (found !== undefined) return found;
      if (this.broken !== undefined) throw this.broken;
      const left = deadline - performance.now();
      if (left <= 0) throw new Unexpected(this.missing(wanted, nth, ms));
      await this.news(left);
    }
  }

  private missing({ as }: Wanted, nth: number, ms: number): string {
    const last = textOf(this.seen.findLast((o) => o.kind === 'event')?.fields, 'event', 'type');
    const often = nth > 1 ? ` (${nth} times)` : '';
    return `expected that ${as}${often} within ${ms} ms; the bot was last told ${last || 'nothing'}`;
  }

  private news(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        this.waiting.delete(done);
        resolve();
      };
      const timer = setTimeout(done, ms);
      this.waiting.add(done);
    });
  }

  private wake(): void {
    for (const done of [...this.waiting]) done();
  }
}

export const matches = (observation: Observation, wanted: Wanted): boolean =>
  observation.kind === wanted.kind && mismatch(observation.fields, wanted.fields) === undefined;
