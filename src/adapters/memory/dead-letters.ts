import type { EventId } from '../../domain/ids.js';
import type { DeadLetter, DeadLetterFilter, DeadLetterPage, DeadLetters } from '../../ports/dead-letters.js';
import type { Log } from '../../ports/log.js';

export interface MemoryDeadLettersOptions {
  readonly log: Log;
  /** How many are kept. */
  readonly limit?: number;
}

const LIMIT = 10_000;

interface Kept {
  readonly n: number;
  readonly letter: DeadLetter;
}

/** Dead letters of one process, gone with it. Cursors are numbers, given in the order in which events died. */
export function createMemoryDeadLetters(options: MemoryDeadLettersOptions): DeadLetters {
  return new MemoryDeadLetters(options.log, options.limit ?? LIMIT);
}

class MemoryDeadLetters implements DeadLetters {
  /** In the order of their numbers. */
  private readonly kept = new Map<EventId, Kept>();
  private last = 0;

  constructor(
    private readonly log: Log,
    private readonly limit: number,
  ) {}

  put(letter: DeadLetter): Promise<void> {
    const { id } = letter.event;
    const known = this.kept.get(id);
    if (known === undefined) this.last += 1;
    this.kept.set(id, { n: known?.n ?? this.last, letter });
    for (const [oldest] of this.kept) {
      if (this.kept.size <= this.limit) break;
      this.kept.delete(oldest);
      this.log.error({ eventId: oldest }, 'a dead letter is forgotten: there are too many');
    }
    return Promise.resolve();
  }

  get(id: EventId): Promise<DeadLetter | undefined> {
    return Promise.resolve(this.kept.get(id)?.letter);
  }

  list({ channel, after, limit }: DeadLetterFilter): Promise<DeadLetterPage> {
    const from = after !== undefined && /^\d{1,15}$/.test(after) ? Number(after) : 0;
    const found: Kept[] = [];
    for (const kept of this.kept.values()) {
      if (kept.n <= from || (channel !== undefined && kept.letter.event.channel !== channel)) continue;
      found.push(kept);
      if (found.length > limit) break;
    }
    const page = found.slice(0, limit);
    const nextCursor = found.length > limit ? String(page.at(-1)?.n) : null;
    return Promise.resolve({ items: page.map(({ letter }) => letter), nextCursor });
  }

  count(channel?: string): Promise<number> {
    if (channel === undefined) return Promise.resolve(this.kept.size);
    const ofChannel = [...this.kept.values()].filter(({ letter }) => letter.event.channel === channel);
    return Promise.resolve(ofChannel.length);
  }

  remove(id: EventId): Promise<boolean> {
    return Promise.resolve(this.kept.delete(id));
  }
}
