import type { EventId } from '../../domain/ids.js';

/** Asked questions of a call that are remembered, so that an answer given twice is known as such. */
const REMEMBERED = 100;

interface Asked {
  readonly question: number;
  open: boolean;
}

/**
 * What a bot was asked in one call, by the event that asked. One question may be told by two events: the verdict of a
 * transfer, and that the caller is back. The first answer that says something is the answer to both; an empty one only
 * when no other event of the question waits for its own.
 */
export class Questions {
  private readonly asked = new Map<EventId, Asked>();

  ask(event: EventId, question: number): void {
    this.asked.set(event, { question, open: true });
    const [oldest] = this.asked.keys();
    if (this.asked.size > REMEMBERED && oldest !== undefined) this.asked.delete(oldest);
  }

  /** What became of the question of an event: `none` when it asked nothing. */
  state(event: EventId): 'open' | 'answered' | 'none' {
    const asked = this.asked.get(event);
    return asked === undefined ? 'none' : asked.open ? 'open' : 'answered';
  }

  /** The event that asked last and has no answer. */
  latest(): EventId | undefined {
    return [...this.asked].findLast(([, { open }]) => open)?.[0];
  }

  isOpen(question: number): boolean {
    return [...this.asked.values()].some((asked) => asked.open && asked.question === question);
  }

  /** An answer to an event has come. @returns the question it answers, `undefined` when it answers none (any more) */
  answer(event: EventId, empty: boolean): number | undefined {
    const asked = this.asked.get(event);
    if (asked?.open !== true) return undefined;
    asked.open = false;
    if (empty) return this.isOpen(asked.question) ? undefined : asked.question;
    for (const other of this.asked.values()) if (other.question === asked.question) other.open = false;
    return asked.question;
  }
}
