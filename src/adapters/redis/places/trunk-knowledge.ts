import type { Refused } from '../../../domain/limits/refused.js';
import { leftBy, shareOf, type TrunkUse } from '../../../domain/limits/share.js';
import type { TrunkGate } from '../../../domain/limits/trunk-gate.js';
import { MINUTE_MS } from '../../../domain/limits/window.js';
import type { RenewAnswer, TakeAnswer } from './answers.js';

/** Targets whose rate is known to be reached; the one learned of longest ago is forgotten first. */
const MOST_TARGETS = 10_000;

/** What an engine knows of a trunk without asking: what it was told last. At most a renewal old while all is well. */
export class TrunkKnowledge {
  private use: TrunkUse | null = null;
  private minuteFullUntil = 0;
  private readonly targetsFullUntil = new Map<string, number>();

  constructor(private readonly gate: TrunkGate) {}

  /** @param stored places of this engine that were counted */
  renewed({ inUse, sent, fullMs, engines }: RenewAnswer, stored: number, now: number): void {
    const own = { held: this.gate.held, sent: this.gate.sentAt(now) };
    const others = { held: Math.max(0, inUse - stored), sent: Math.max(0, sent - own.sent) };
    this.use = { at: now, engines: Math.max(1, engines), own, others };
    this.minuteFullUntil = now + fullMs;
  }

  asked(target: string, { word, waitMs, inUse }: TakeAnswer, stored: number, now: number): void {
    if (word === 'perMinute') this.minuteFullUntil = now + waitMs;
    if (word === 'perTargetPerMinute') this.noteFull(target, now + waitMs);
    if (this.use === null) return;
    const others = { ...this.use.others, held: Math.max(0, inUse - stored) };
    this.use = { ...this.use, at: now, own: { held: this.gate.held, sent: this.gate.sentAt(now) }, others };
  }

  /** Why there is probably no place now. */
  refusal(target: string, now: number): Refused | null {
    const { gate, use } = this;
    const left = use === null ? gate.limits : leftBy(gate.limits, use);
    const minuteMs = remaining(this.minuteFullUntil, now);
    if (minuteMs > 0 && gate.limits.perMinute !== null) return gate.refuse('perMinute', minuteMs);
    const targetMs = remaining(this.targetsFullUntil.get(target) ?? 0, now);
    if (targetMs > 0) return gate.refuse('perTargetPerMinute', targetMs);
    return gate.refusal(target, now, left);
  }

  /** Why this engine, which hears no other, may not: its share of the limits is used up. */
  refusalAlone(target: string, now: number): Refused | null {
    return this.gate.refusal(target, now, shareOf(this.gate.limits, this.use, now));
  }

  private noteFull(target: string, until: number): void {
    this.targetsFullUntil.delete(target);
    this.targetsFullUntil.set(target, until);
    for (const oldest of this.targetsFullUntil.keys()) {
      if (this.targetsFullUntil.size <= MOST_TARGETS) return;
      this.targetsFullUntil.delete(oldest);
    }
  }
}

/** A clock set back must not shut a trunk for longer than a rate can. */
const remaining = (until: number, now: number): number => (until - now > MINUTE_MS ? 0 : until - now);
