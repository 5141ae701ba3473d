import { readNumber } from './answers.js';
import { turnKey } from './keys.js';
import { TURNS } from './scripts.js';
import type { Wire } from './wire.js';

/** Turns had in advance by an engine that is asked for many at once. */
const MOST = 16;

/**
 * The turns of one queue, given to each engine in advance, for who is next must be known at once. An engine begins with
 * one: used one after the other by whichever engine, turns come in the order of their numbers. A burst that finds
 * none left goes on from the last, which is made good by as many that are skipped, and has more in advance next time.
 */
export class TurnStock {
  private stock: readonly number[] = [];
  private size = 1;
  private last = -1;
  /** Turns used that nobody gave. */
  private owed = 0;
  private asking = false;

  constructor(
    private readonly queue: string,
    private readonly wire: Wire,
  ) {}

  take(): number {
    const turn = this.next();
    if (this.stock.length === 0) {
      this.owed += 1;
      this.size = Math.min(MOST, this.size * 2);
    }
    this.stock = this.stock.slice(1);
    this.last = turn;
    void this.fill();
    return turn;
  }

  next(): number {
    return this.stock[0] ?? this.last + 1;
  }

  /** Asks for what is missing, as long as there is an answer. */
  async fill(): Promise<void> {
    if (this.asking) return;
    this.asking = true;
    try {
      while (this.stock.length < this.size || this.owed > 0) await this.askFor(this.size - this.stock.length);
    } catch {
      // Redis is not heard: tried again at the next turn, and with the next renewal.
    } finally {
      this.asking = false;
    }
  }

  private async askFor(missing: number): Promise<void> {
    const { owed } = this;
    const many = Math.max(0, missing) + owed;
    const given = await this.wire.ask([TURNS, [turnKey(this.queue)], [many]], readNumber);
    this.owed -= owed;
    const turns = Array.from({ length: many - owed }, (_, n) => given - (many - owed) + n);
    this.stock = [...this.stock, ...turns];
  }
}
