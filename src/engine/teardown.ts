import type { Call } from '../domain/call.js';
import { DEADLINES } from './deadlines.js';
import type { EngineParts } from './parts.js';

/** Sees to it that the legs of a call that is over close in time, so that one bad dialog cannot hold a call for ever. */
export class Teardown {
  private stopWaiting: (() => void) | null = null;

  constructor(
    private readonly parts: Pick<EngineParts, 'clock' | 'metrics' | 'log'>,
    /** Some never had their last word: they have been named and counted. */
    private readonly overdue: () => void,
  ) {}

  begin(call: () => Call): void {
    this.stopWaiting ??= this.parts.clock.after(DEADLINES.teardownMs, () => {
      const { metrics, log } = this.parts;
      metrics.teardownOverdue();
      for (const [leg, { phase }] of call().legs) {
        metrics.leaked('leg');
        log.error({ leg, phase }, 'leg did not close in time');
      }
      this.overdue();
    });
  }

  done(): void {
    this.stopWaiting?.();
  }
}
