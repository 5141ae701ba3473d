/** How far back rates look: a burst is not repeated at the turn of a minute. */
export const MINUTE_MS = 60_000;

/** Times of the last minute, oldest first. */
export class Window {
  private times: number[] = [];
  /** Index of the oldest that counts: taking from the front of an array would move all the others. */
  private first = 0;

  add(now: number): void {
    this.drop(now);
    this.times.push(now);
  }

  /** How many count at this moment. */
  sizeAt(now: number): number {
    this.drop(now);
    return this.times.length - this.first;
  }

  /** How long until one more fits under `limit`, ms; 0: it fits now. */
  fullFor(limit: number, now: number): number {
    const over = this.sizeAt(now) - limit;
    if (over < 0) return 0;
    return Math.max(1, (this.times[this.first + over] ?? now) + MINUTE_MS - now);
  }

  private drop(now: number): void {
    const counts = (at: number): boolean => at > now - MINUTE_MS && at <= now;
    // A clock set back would otherwise shut the trunk until it has caught up.
    if ((this.times.at(-1) ?? now) > now) this.times = this.times.slice(this.first).filter(counts);
    else {
      while (this.first < this.times.length && !counts(this.times[this.first] ?? 0)) this.first += 1;
      if (this.first * 2 < this.times.length) return;
      this.times = this.times.slice(this.first);
    }
    this.first = 0;
  }
}
