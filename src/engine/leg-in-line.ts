import type { Refusal } from '../domain/outcome.js';
import type { HeaderLine } from '../domain/plan.js';
import type { LadderTap } from '../ports/ladder.js';
import type { DialRequest, LegListener, LegPort, Signalling } from '../ports/signalling.js';
import { LegThrough } from './anchor/leg-through.js';
import { WITHDRAWN } from './anchor/refusals.js';
import { keptBack, type Claim } from './claim.js';

/**
 * A target whose trunk's place other engines are asked for: nothing is sent before it is there. To the call it is a leg
 * like any other, which may be cancelled meanwhile, or go to another call.
 */
export class LegInLine extends LegThrough implements LegPort {
  /** `withdrawn`: cancelled before anything was sent, and not told so yet. */
  private phase: 'inLine' | 'withdrawn' | 'over' = 'inLine';

  constructor(
    claim: Claim,
    private request: DialRequest,
    private listener: LegListener,
    private readonly signalling: Pick<Signalling, 'dial'>,
  ) {
    super();
    claim.whenAnswered((place) => {
      if (this.phase !== 'inLine') return;
      if (place.ok) this.inner = this.signalling.dial(this.request, this.listener);
      else this.end(keptBack(place));
    });
  }

  cancel(headers: readonly HeaderLine[]): void {
    if (this.inner !== null) return this.inner.cancel(headers);
    if (this.phase !== 'inLine') return;
    this.phase = 'withdrawn';
    // Nothing was sent: there is nobody to wait for. Not in the call's own turn, as with any other leg.
    queueMicrotask(() => this.end(WITHDRAWN));
  }

  bye(headers: readonly HeaderLine[]): void {
    if (this.inner === null) this.cancel(headers);
    else this.inner.bye(headers);
  }

  rebind(listener: LegListener, tap: LadderTap): void {
    this.listener = listener;
    this.request = { ...this.request, tap };
    this.inner?.rebind(listener, tap);
  }

  private end(refusal: Refusal): void {
    this.phase = 'over';
    this.listener({ type: 'refused', refusal });
  }
}
