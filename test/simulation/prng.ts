/** A small seeded generator (mulberry32): the same seed gives the same schedule on every machine. */
export class Prng {
  private state: number;

  constructor(seed: number) {
    // Neighbouring seeds must not give neighbouring schedules.
    this.state = Math.imul(seed ^ 0x9e3779b9, 0x85ebca6b) | 0;
  }

  /** 0 <= result < n. */
  below(n: number): number {
    this.state = (this.state + 0x6d2b79f5) | 0;
    let t = Math.imul(this.state ^ (this.state >>> 15), 1 | this.state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((((t ^ (t >>> 14)) >>> 0) * n) / 4294967296) | 0;
  }

  percent(p: number): boolean {
    return this.below(100) < p;
  }

  pick<T>(list: readonly T[]): T {
    return list[this.below(list.length)] as T;
  }
}
