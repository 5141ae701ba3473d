import type { Clock } from '../ports/clock.js';

/** A trunk that refused REFER is asked again after this: it may have been repaired or configured since. */
const FORGET_REFUSAL_MS = 3_600_000;

/** Which trunks take REFER, as their answers to one have shown; what the configuration says comes before it. */
export class ReferMemory {
  private readonly learnt = new Map<string, { readonly takes: boolean; readonly at: number }>();

  constructor(private readonly clock: Clock) {}

  /** `undefined`: not tried yet, or so long ago that it is worth trying again. */
  takesRefer(trunk: string): boolean | undefined {
    const known = this.learnt.get(trunk);
    if (known === undefined || known.takes) return known?.takes;
    if (this.clock.now() - known.at < FORGET_REFUSAL_MS) return false;
    this.learnt.delete(trunk);
    return undefined;
  }

  /** `trunk` is a name of the configuration: one entry each, for ever. */
  learn(trunk: string, takes: boolean): void {
    this.learnt.set(trunk, { takes, at: this.clock.now() });
  }
}
