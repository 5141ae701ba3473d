import type { TrunkLimits } from '../settings.js';
import { CONCURRENT_RETRY_MS, refusalBy, type Refused } from './refused.js';
import { Window } from './window.js';

/** Targets remembered per trunk within one minute; the one asked for longest ago is forgotten first. */
const MOST_TARGETS = 10_000;

/**
 * How many requests of transfers one engine has on a trunk and how often it sent some (features: limits per trunk,
 * S-1). Each INVITE and each REFER takes its place when it goes out, whatever was tried before it. Rates count those
 * of the last 60 s; a refused one does not count. Times are milliseconds of whatever clock the caller has.
 */
export class TrunkGate {
  private inUse = 0;
  private readonly all = new Window();
  /** In the order of their last use. */
  private readonly perTarget = new Map<string, Window>();

  /** @param changed told of the places taken, at the start and whenever that changes */
  constructor(
    readonly name: string,
    readonly limits: TrunkLimits,
    private readonly changed: (inUse: number) => void,
  ) {
    changed(0);
  }

  /** Places taken now. */
  get held(): number {
    return this.inUse;
  }

  /** Requests of the last minute. */
  sentAt(now: number): number {
    return this.all.sizeAt(now);
  }

  /** Why there is no place now. `allowed`: what is left of the limits, when others have their part of them. */
  refusal(target: string, now: number, allowed: TrunkLimits = this.limits): Refused | null {
    const { concurrent, perMinute } = allowed;
    if (concurrent !== null && this.inUse >= concurrent)
      return this.refuse('concurrent', CONCURRENT_RETRY_MS);
    const wait = perMinute === null ? 0 : this.all.fullFor(perMinute, now);
    if (wait > 0) return this.refuse('perMinute', wait);
    return this.targetRefusal(target, now, allowed.perTargetPerMinute);
  }

  private targetRefusal(target: string, now: number, limit: number | null): Refused | null {
    if (limit === null) return null;
    const wait = (this.perTarget.get(target) ?? new Window()).fullFor(limit, now);
    return wait > 0 ? this.refuse('perTargetPerMinute', wait) : null;
  }

  refuse(key: keyof TrunkLimits, retryAfterMs: number): Refused {
    return refusalBy(this.name, key, this.limits, retryAfterMs);
  }

  /** Takes a place, whether or not there is one; the result gives it back, once. */
  take(target: string, now: number): () => void {
    if (this.limits.perMinute !== null) this.all.add(now);
    if (this.limits.perTargetPerMinute !== null) this.count(target, now);
    return this.occupy();
  }

  /** A place for what went out long ago: no rate counts it. */
  occupy(): () => void {
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
      if (this.perTarget.size <= MOST_TARGETS && window.sizeAt(now) > 0) return;
      this.perTarget.delete(target);
    }
  }
}
