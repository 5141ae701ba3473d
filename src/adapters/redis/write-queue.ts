/** What a queue has to know of a write. */
export interface Waiting {
  readonly bytes: number;
  /** Tells of a verdict or an end: given up last. */
  readonly terminal: boolean;
}

export interface QueueBounds {
  readonly waitingWrites: number;
  readonly waitingBytes: number;
}

/**
 * Writes in the order they came, bounded by number and bytes. Beyond a bound the oldest that tells of no verdict is
 * given up, and only when there is none, the oldest that does. A write that was sent is never given up: it may have
 * been carried out, and whoever names it as lost would be wrong.
 */
export class WriteQueue<W extends Waiting> {
  private readonly entries = new Map<number, W>();
  private readonly expendable = new Set<number>();
  private bytes = 0;
  private last = 0;
  /** Everything up to this number was sent at least once. */
  private sent = 0;

  constructor(private readonly bounds: QueueBounds) {}

  get size(): number {
    return this.entries.size;
  }

  /** Number of the newest write ever taken. */
  get newest(): number {
    return this.last;
  }

  /** Number of the oldest write that waits; past {@link newest} when none does. */
  get oldest(): number {
    const [first] = this.entries.keys();
    return first ?? this.last + 1;
  }

  /** The oldest write that waits. */
  get first(): W | undefined {
    const [first] = this.entries.values();
    return first;
  }

  /** Returns what had to be given up for it, possibly the write itself. */
  add(write: W): W[] {
    this.last += 1;
    this.entries.set(this.last, write);
    if (!write.terminal) this.expendable.add(this.last);
    this.bytes += write.bytes;
    const lost: W[] = [];
    while (this.entries.size > this.bounds.waitingWrites || this.bytes > this.bounds.waitingBytes) {
      const n = this.leastWanted();
      if (n === undefined) break;
      lost.push(...this.remove([n]));
    }
    return lost;
  }

  /** The oldest `max` writes with their numbers, to be sent now; they stay until {@link remove}d. */
  send(max: number): (readonly [number, W])[] {
    const batch: (readonly [number, W])[] = [];
    for (const entry of this.entries) {
      if (batch.length === max) break;
      batch.push(entry);
      this.expendable.delete(entry[0]);
      this.sent = Math.max(this.sent, entry[0]);
    }
    return batch;
  }

  remove(numbers: Iterable<number>): W[] {
    const removed: W[] = [];
    for (const n of numbers) {
      const write = this.entries.get(n);
      if (write === undefined) continue;
      this.entries.delete(n);
      this.expendable.delete(n);
      this.bytes -= write.bytes;
      removed.push(write);
    }
    return removed;
  }

  removeAll(): W[] {
    return this.remove([...this.entries.keys()]);
  }

  private leastWanted(): number | undefined {
    for (const n of this.expendable) return n;
    for (const n of this.entries.keys()) if (n > this.sent) return n;
    return undefined;
  }
}
