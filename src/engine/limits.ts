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

/** A trunk a transfer starts on, and the label of a target it goes to there; `null`: no trunk, no limit. */
export type Start = readonly [trunk: string | null, target: string];

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

  /**
   * One transfer, on all its trunks or on none. It holds one place on each trunk and counts once for its rate, however
   * many targets it has there; each target counts for itself.
   */
  admit(starts: readonly Start[]): Admitted {
    const wanted = [...this.targetsByGate(starts)];
    for (const [gate, targets] of wanted) {
      const refusal = gate.refusal([...targets]);
      if (refusal !== null) return refusal;
    }
    const releases = wanted.map(([gate, targets]) => gate.take([...targets]));
    const release = (): void => {
      for (const giveBack of releases) giveBack();
    };
    return { ok: true, release };
  }

  private targetsByGate(starts: readonly Start[]): ReadonlyMap<TrunkGate, ReadonlySet<string>> {
    const found = new Map<TrunkGate, Set<string>>();
    for (const [trunk, target] of starts) {
      const gate = trunk === null ? undefined : this.trunks.get(trunk);
      if (gate !== undefined) found.set(gate, (found.get(gate) ?? new Set()).add(target));
    }
    return found;
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

  refusal(targets: readonly string[]): Refused | null {
    const { concurrent, perMinute } = this.limits;
    if (concurrent !== null && this.inUse >= concurrent)
      return this.refuse('concurrent', `${concurrent} at a time`, CONCURRENT_RETRY_MS);
    const wait = perMinute === null ? 0 : this.all.fullFor(perMinute, this.clock.now());
    if (wait > 0) return this.refuse('perMinute', `${perMinute ?? 0} a minute`, wait);
    return this.targetRefusal(targets);
  }

  private targetRefusal(targets: readonly string[]): Refused | null {
    const { perTargetPerMinute: limit } = this.limits;
    if (limit === null) return null;
    const now = this.clock.now();
    const wait = Math.max(
      ...targets.map((target) => (this.perTarget.get(target) ?? new Window()).fullFor(limit, now)),
    );
    return wait > 0 ? this.refuse('perTargetPerMinute', `${limit} a minute to one target`, wait) : null;
  }

  private refuse(key: keyof TrunkLimits, what: string, retryAfterMs: number): Refused {
    const { name } = this;
    const why = `trunk ${name} has reached its limit of ${what}; see trunks.${name}.limits.${key}`;
    return { ok: false, why, retryAfterMs };
  }

  /** Takes a place that is there; the result gives it back. */
  take(targets: readonly string[]): () => void {
    const now = this.clock.now();
    if (this.limits.perMinute !== null) this.all.add(now);
    if (this.limits.perTargetPerMinute !== null) for (const target of targets) this.count(target, now);
    this.inUse += 1;
    let held = true;
    return () => {
      if (held) this.inUse -= 1;
      held = false;
    };
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
