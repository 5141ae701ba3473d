import type { Trunk, TrunkLimits } from '../domain/settings.js';
import type { Clock } from '../ports/clock.js';

export type Admitted =
  | {
      readonly ok: true;
      /** Gives the place back; more than once does no harm. */ readonly release: () => void;
    }
  | {
      readonly ok: false;
      /** A sentence for the caller of the API, naming the key. */
      readonly why: string;
      /** When asking again makes sense. A guess where it depends on how long others talk. */
      readonly retryAfterMs: number;
    };

const MINUTE_MS = 60_000;
/** Nobody knows when the next of the running transfers ends. */
const CONCURRENT_RETRY_MS = 5000;
/** Targets remembered per trunk within one minute; the one asked for longest ago is forgotten first. */
const MOST_TARGETS = 10_000;

/**
 * How many transfers a trunk may carry and how often (features: limits per trunk, S-1). Rates count admitted
 * transfers of the last 60 s, so a burst is not repeated at the turn of a minute; a refused one does not count.
 */
export class Limits {
  private readonly trunks = new Map<string, TrunkGate>();

  constructor(trunks: ReadonlyMap<string, Pick<Trunk, 'limits'>>, clock: Clock) {
    for (const [name, { limits }] of trunks) this.trunks.set(name, new TrunkGate(name, limits, clock));
  }

  /** `trunk`: `null` or one without limits admits everything. `target`: the label of the target. */
  admit(trunk: string | null, target: string): Admitted {
    const gate = trunk === null ? undefined : this.trunks.get(trunk);
    return gate === undefined ? { ok: true, release: () => undefined } : gate.admit(target);
  }

  /** Transfers that hold a place on this trunk now. */
  inUse(trunk: string): number {
    return this.trunks.get(trunk)?.inUse ?? 0;
  }
}

class TrunkGate {
  inUse = 0;
  private readonly all = new Window();
  /** In the order of their last use. */
  private readonly perTarget = new Map<string, Window>();

  constructor(
    private readonly name: string,
    private readonly limits: TrunkLimits,
    private readonly clock: Clock,
  ) {}

  admit(target: string): Admitted {
    const now = this.clock.now();
    const refusal = this.refusal(target, now);
    if (refusal !== null) return refusal;
    this.count(target, now);
    this.inUse += 1;
    let held = true;
    const release = (): void => {
      if (held) this.inUse -= 1;
      held = false;
    };
    return { ok: true, release };
  }

  private refusal(target: string, now: number): Admitted | null {
    const { concurrent, perMinute, perTargetPerMinute } = this.limits;
    const refuse = (key: keyof TrunkLimits, what: string, retryAfterMs: number): Admitted => ({
      ok: false,
      why: `trunk ${this.name} has reached its limit of ${what}; see trunks.${this.name}.limits.${key}`,
      retryAfterMs,
    });
    if (concurrent !== null && this.inUse >= concurrent)
      return refuse('concurrent', `${concurrent} at a time`, CONCURRENT_RETRY_MS);
    const full = perMinute === null ? 0 : this.all.fullFor(perMinute, now);
    if (full > 0) return refuse('perMinute', `${perMinute ?? 0} a minute`, full);
    const window = this.perTarget.get(target) ?? new Window();
    const wait = perTargetPerMinute === null ? 0 : window.fullFor(perTargetPerMinute, now);
    if (wait === 0) return null;
    const what = `${perTargetPerMinute ?? 0} a minute to one target`;
    return refuse('perTargetPerMinute', what, wait);
  }

  private count(target: string, now: number): void {
    if (this.limits.perMinute !== null) this.all.add(now);
    if (this.limits.perTargetPerMinute === null) return;
    const window = this.perTarget.get(target) ?? new Window();
    window.add(now);
    this.perTarget.delete(target);
    this.perTarget.set(target, window);
    this.forgetTargets(now);
  }

  private forgetTargets(now: number): void {
    for (const [target, window] of this.perTarget) {
      if (this.perTarget.size <= MOST_TARGETS && !window.emptyAt(now)) return;
      this.perTarget.delete(target);
    }
  }
}

/** Times of the last minute, oldest first. */
class Window {
  private times: number[] = [];
  /** Index of the oldest that counts: taking from the front of an array would move all the others. */
  private first = 0;

  add(now: number): void {
    this.drop(now);
    this.times.push(now);
  }

  /** How long until one more fits under `limit`, ms; 0: it fits now. */
  fullFor(limit: number, now: number): number {
    this.drop(now);
    const over = this.times.length - this.first - limit;
    if (over < 0) return 0;
    return Math.max(1, (this.times[this.first + over] ?? now) + MINUTE_MS - now);
  }

  emptyAt(now: number): boolean {
    this.drop(now);
    return this.first === this.times.length;
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
