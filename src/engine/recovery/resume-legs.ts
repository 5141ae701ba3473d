import type { LegId } from '../../domain/ids.js';
import type { DialogHandle, LegEvent } from '../../ports/signalling.js';
import type { CallRunner } from '../call-runner.js';
import { DEADLINES } from '../deadlines.js';
import type { Slot } from '../leg-slots.js';
import type { EngineParts } from '../parts.js';
import type { RunnerSetup } from '../runner-owner.js';
import type { AuthOf } from '../snapshot/credentials.js';
import type { SavedLeg } from '../snapshot/snapshot.js';

export interface ResumeParts extends Pick<EngineParts, 'clock' | 'places'> {
  readonly allows: RunnerSetup['allows'];
  readonly authOf: AuthOf;
}

/**
 * Asks the SIP server for the legs of a call whose engine is gone, all at once, and tells once which of them could be
 * had. One that comes after `DEADLINES.resumeMs` is ended: nobody counts on it any more.
 */
export function resumeLegs(
  runner: CallRunner,
  legs: readonly SavedLeg[],
  parts: ResumeParts,
  done: (alive: ReadonlySet<LegId>) => void,
): void {
  const resumption = new Resumption(runner, parts, done);
  for (const leg of legs) if (leg.handle !== null) resumption.ask(leg, leg.handle);
  resumption.begin();
}

class Resumption {
  private readonly alive = new Set<LegId>();
  private readonly asked = new Set<LegId>();
  private over = false;
  private stopWaiting = (): void => undefined;

  constructor(
    private readonly runner: CallRunner,
    private readonly parts: ResumeParts,
    private readonly done: (alive: ReadonlySet<LegId>) => void,
  ) {}

  ask(leg: SavedLeg, handle: DialogHandle): void {
    const { allows, authOf } = this.parts;
    this.asked.add(leg.name);
    const how = { handle, allows: allows(leg.trunk), auth: authOf(leg.trunk) };
    // Its first word comes later: a leg tells nothing from within.
    const slot: Slot = this.runner.maker.resumed(leg, how, (event) => this.heard(leg, slot, event));
  }

  begin(): void {
    this.stopWaiting = this.parts.clock.after(DEADLINES.resumeMs, () => this.finish());
    if (this.asked.size === 0) this.finish();
  }

  private heard(leg: SavedLeg, slot: Slot, { type }: LegEvent): void {
    if (this.over) {
      if (type === 'resumed') slot.port.bye([]);
      return;
    }
    this.asked.delete(leg.name);
    if (type === 'resumed') {
      this.alive.add(leg.name);
      this.runner.legs.add(slot);
      if (leg.counted) slot.enterTrunk(this.parts.places.retake(leg.trunk));
    }
    if (this.asked.size === 0) this.finish();
  }

  private finish(): void {
    if (this.over) return;
    this.over = true;
    this.stopWaiting();
    this.done(this.alive);
  }
}
