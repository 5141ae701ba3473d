import type { Trunk, TrunkLimits } from '../domain/settings.js';
import type { Clock } from '../ports/clock.js';

export type Admitted =
  | {
      readonly ok: true;
      /** Gives the place back; more than once does no harm. */ readonly release: () => void;
    }
  | Refused;

export interface Refused {
  readonly ok: false;
  /** A sentence for the caller of the API, naming the key. */
  readonly why: string;
  /** When asking again makes sense. A guess where it depends on how long others talk. */
  readonly retryAfterMs: number;
}

/** A request: the trunk it goes to (`null`: none, no limit) and the label of whom it asks for there. */
export type Wanted = readonly [trunk: string | null, target: string];

const MINUTE_MS = 60_000;
/** Nobody knows when the next of the running calls ends. */
const CONCURRENT_RETRY_MS = 5000;
/** Targets remembered per trunk within one minute; the one asked for longest ago is forgotten first. */
const MOST_TARGETS = 10_000;

/**
 * How many requests of transfers a trunk may carry and how often (features: limits per trunk, S-1). Each INVITE and
 * each REFER takes its place when it goes out, whatever was tried before it. Rates count those of the last 60 s, so
 * a burst is not repeated at the turn of a minute; a refused one does not count.
 */
export class Limits {
  private readonly trunks = new Map<string, TrunkGate>();

  /** @param inUseChanged told of a trunk and the places taken on it, at the start and whenever that changes */
  constructor(
    trunks: ReadonlyMap<string, Pick<Trunk, 'limits'>>,
    clock: Clock,
    inUseChanged: (trunk: string, inUse: number) => void,
  ) {
    for (const [name, { limits }] of trunks) {
      const changed = (inUse: number): void => inUseChanged(name, inUse);
      this.trunks.set(name, new TrunkGate(name, limits, clock, changed));
    }
  }

  /** Takes a place for one request, or says why there is none. */
  take([trunk, target]: Wanted): Admitted {
    const gate = this.gate(trunk);
    if (gate === undefined) return { ok: true, release: () => undefined };
    return gate.refusal(target) ?? { ok: true, release: gate.take(target) };
  }

  /** Why not one of these requests could go out now; `null`: at least one could. Takes nothing. */
  refusal(requests: readonly Wanted[]): Refused | null {
    let soonest: Refused | null = null;
    for (const [trunk, target] of requests) {
      const refused = this.gate(trunk)?.refusal(target) ?? null;
      if (refused === null) return null;
      if (soonest === null || refused.retryAfterMs < soonest.retryAfterMs) soonest = refused;
    }
    return soonest;
  }

  private gate(trunk: string | null): TrunkGate | undefined {
    return trunk === null ? undefined : this.trunks.get(trunk);
  }
}

class TrunkGate {
  private inUse = 0;
  private readonly all = new Window();
  /** In the order of their last use. */
  private readonly perTarget = new Map<string, Window>();

  constructor(
    private readonly name: string,
    private readonly limits: TrunkLimits,
    private readonly clock: Clock,
    private readonly changed: (inUse: number) => void,
  ) {
    changed(0);
  }

  refusal(target: string): Refused | null {
    const { concurrent, perMinute } = this.limits;
    if (concurrent !== null && this.inUse >= concurrent)
      return this.refuse('concurrent', `${concurrent} at a time`, CONCURRENT_RETRY_MS);
    const wait = perMinute === null ? 0 : this.all.fullFor(perMinute, this.clock.now());
    if (wait > 0) return this.refuse('perMinute', `${perMinute ?? 0} a minute`, wait);
    return this.targetRefusal(target);
  }

  private targetRefusal(target: string): Refused | null {
    const { perTargetPerMinute: limit } = this.limits;
    if (limit === null) return null;
    const wait = (this.perTarget.get(target) ?? new Window()).fullFor(limit, this.clock.now());
    return wait > 0 ? this.refuse('perTargetPerMinute', `${limit} a minute to one target`, wait) : null;
  }

  private refuse(key: keyof TrunkLimits, what: string, retryAfterMs: number): Refused {
    const { name } = this;
    const why = `trunk ${name} has reached its limit of ${what}; see trunks.${name}.limits.${key}`;
    return { ok: false, why, retryAfterMs };
  }

  /** Takes a place that is there; the result gives it back. */
  take(target: string): () => void {
    const now = this.clock.now();
    if (this.limits.perMinute !== null) this.all.add(now);
    if (this.limits.perTargetPerMinute !== null) this.count(target, now);
    this.use(1);
    let held = true;
    return () => {
      if (held) this.use(-1);
      held = false;
    };
  }

  private use(more: 1 | -1): void {
    this.inUse += more;
    this.changed(this.inUse);
  }

  private count(target: string, now: number): void {
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
