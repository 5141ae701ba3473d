import { openTransfers, type Call, type Phase } from '../domain/call.js';
import type { Effect } from '../domain/effect.js';
import type { TransferId } from '../domain/ids.js';
import type { Clock } from '../ports/clock.js';
import type { LegDirection, Metrics } from '../ports/metrics.js';

interface MeterParts {
  readonly clock: Clock;
  readonly metrics: Pick<Metrics, 'legsChanged' | 'transferMoved' | 'callerWasSilent'>;
}

/**
 * What of a call's state is counted while the call lives: its legs, its transfers by phase, and how long its caller
 * heard nobody. It is all read off the state, so that a call which is taken over from another engine counts from its
 * first step here.
 */
export class CallMeter {
  private transfers: ReadonlyMap<TransferId, Phase> = new Map();
  private legs: Readonly<Record<LegDirection, number>> = NO_LEGS;
  /** When the caller was taken from who it heard; `null`: it is not on its way to anybody. */
  private silentSince: number | null = null;

  constructor(private readonly parts: MeterParts) {}

  /** After each step of the call, before its effects are carried out. */
  follow(call: Call, effects: readonly Effect[]): void {
    this.countTransfers(new Map(openTransfers(call).map((t) => [t.plan.id, phaseOf(call, t.plan.id)])));
    const inward = call.legs.has('caller') ? 1 : 0;
    this.countLegs({ in: inward, out: call.legs.size - inward });
    this.timeSilence(call, effects);
  }

  /** The call is over, whatever was left of it. */
  end(): void {
    this.countTransfers(new Map());
    this.countLegs(NO_LEGS);
  }

  private countTransfers(now: ReadonlyMap<TransferId, Phase>): void {
    const before = this.transfers;
    this.transfers = now;
    for (const [id, from] of before) {
      const to = now.get(id) ?? null;
      if (to !== from) this.parts.metrics.transferMoved(from, to);
    }
    for (const [id, phase] of now) if (!before.has(id)) this.parts.metrics.transferMoved(null, phase);
  }

  private countLegs(now: Readonly<Record<LegDirection, number>>): void {
    for (const direction of DIRECTIONS) {
      const by = now[direction] - this.legs[direction];
      if (by !== 0) this.parts.metrics.legsChanged(direction, by);
    }
    this.legs = now;
  }

  /**
   * From the request that takes the caller's media away from its old partner (on the way back: from that partner's
   * end) to the moment caller and new partner are shown to each other: as far as signalling can tell, never less than
   * what the caller went through.
   */
  private timeSilence({ state: { phase } }: Call, effects: readonly Effect[]): void {
    const now = this.parts.clock.now();
    if (phase === 'moving' || phase === 'returning') {
      if (phase === 'returning' || effects.some(movesCaller)) this.silentSince ??= now;
      return;
    }
    const arrived = phase === 'withTarget' || phase === 'withBot';
    if (this.silentSince !== null && arrived)
      this.parts.metrics.callerWasSilent((now - this.silentSince) / 1000);
    this.silentSince = null;
  }
}

const NO_LEGS = { in: 0, out: 0 } as const;
const DIRECTIONS = ['in', 'out'] as const satisfies readonly LegDirection[];

/** Of two open transfers the older one is in conversation while the newer one is on its way (DESIGN 3, chains). */
const phaseOf = ({ state }: Call, id: TransferId): Phase =>
  'transfer' in state && state.transfer.plan.id === id ? state.phase : 'withTarget';

function movesCaller(effect: Effect): boolean {
  if (effect.type === 'reoffer') return effect.leg === 'caller';
  return effect.type === 'bridge' && (effect.leg === 'caller' || effect.with === 'caller');
}
