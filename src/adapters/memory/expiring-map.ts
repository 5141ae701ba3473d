/**
 * A map with a size and an age limit. All entries live equally long, so insertion order is expiry order: the
 * dead are always at the front, and looking after them needs no timer.
 */
export class ExpiringMap<K, V> {
  private readonly entries = new Map<K, { readonly value: V; readonly until: number }>();

  constructor(
    private readonly max: number,
    private readonly ttlMs: number,
    private readonly now: () => number,
    /** Told of every entry that age or size pushed out. */
    private readonly onEvict: (key: K, value: V) => void = () => undefined,
  ) {}

  get(key: K): V | undefined {
    this.sweep();
    return this.entries.get(key)?.value;
  }

  /** Sets the entry and starts its life anew. */
  set(key: K, value: V): void {
    this.entries.delete(key);
    this.entries.set(key, { value, until: this.now() + this.ttlMs });
    this.sweep();
  }

  delete(key: K): void {
    this.entries.delete(key);
  }

  get size(): number {
    this.sweep();
    return this.entries.size;
  }

  sweep(): void {
    const now = this.now();
    for (const [key, { value, until }] of this.entries) {
      if (until > now && this.entries.size <= this.max) return;
      this.entries.delete(key);
      this.onEvict(key, value);
    }
  }
}
