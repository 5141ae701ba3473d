/**
 * Counts what is neither delivered nor given up. Each `drain` closes a generation, so that it waits for what was
 * published before it and not for what comes after.
 */
export class Outstanding {
  private generation = 0;
  private readonly channels = new Map<string, number>();
  private readonly open = new Map<number, number>();
  private readonly waiting = new Set<{ readonly upTo: number; readonly resolve: () => void }>();

  get size(): number {
    let sum = 0;
    for (const count of this.open.values()) sum += count;
    return sum;
  }

  /** Of one channel. */
  of(channel: string): number {
    return this.channels.get(channel) ?? 0;
  }

  enter(channel: string): number {
    this.channels.set(channel, this.of(channel) + 1);
    this.open.set(this.generation, (this.open.get(this.generation) ?? 0) + 1);
    return this.generation;
  }

  leave(ticket: number, channel: string): void {
    this.channels.set(channel, this.of(channel) - 1);
    const count = (this.open.get(ticket) ?? 0) - 1;
    if (count > 0) {
      this.open.set(ticket, count);
      return;
    }
    this.open.delete(ticket);
    for (const waiter of this.waiting) {
      if (this.done(waiter.upTo)) waiter.resolve();
    }
  }

  /** Resolves when everything entered so far has left, or after `after` fires. */
  settled(after: (fire: () => void) => () => void): Promise<void> {
    const upTo = this.generation;
    this.generation += 1;
    if (this.done(upTo)) return Promise.resolve();
    return new Promise((resolve) => {
      let cancel = (): void => undefined;
      const waiter = {
        upTo,
        resolve: () => {
          this.waiting.delete(waiter);
          cancel();
          resolve();
        },
      };
      this.waiting.add(waiter);
      cancel = after(waiter.resolve);
    });
  }

  private done(upTo: number): boolean {
    for (const generation of this.open.keys()) if (generation <= upTo) return false;
    return true;
  }
}
