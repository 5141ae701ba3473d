import { soonestRefusal } from '../../domain/limits/soonest.js';
import { TrunkGate } from '../../domain/limits/trunk-gate.js';
import type { Trunk } from '../../domain/settings.js';
import type { Clock } from '../../ports/clock.js';
import type { Metrics } from '../../ports/metrics.js';
import type { Admitted, Places, Refused, Wanted } from '../../ports/places.js';

export interface MemoryPlacesOptions {
  readonly trunks: ReadonlyMap<string, Pick<Trunk, 'limits'>>;
  readonly clock: Clock;
  readonly metrics: Pick<Metrics, 'trunkInUse'>;
}

const nothing = (): void => undefined;

/** The limits of one engine that shares them with nobody: every answer is there at once. */
export function createMemoryPlaces({ trunks, clock, metrics }: MemoryPlacesOptions): Places {
  return new PlacesInMemory(
    clock,
    new Map(
      [...trunks].map(([name, { limits }]) => [
        name,
        new TrunkGate(name, limits, (inUse) => metrics.trunkInUse(name, inUse)),
      ]),
    ),
  );
}

class PlacesInMemory implements Places {
  private readonly turns = new Map<string, number>();

  constructor(
    private readonly clock: Clock,
    private readonly gates: ReadonlyMap<string, TrunkGate>,
  ) {}

  start(): Promise<void> {
    return Promise.resolve();
  }

  take([trunk, target]: Wanted): Admitted {
    const gate = this.gate(trunk);
    if (gate === undefined) return { ok: true, release: nothing };
    const now = this.clock.now();
    return gate.refusal(target, now) ?? { ok: true, release: gate.take(target, now) };
  }

  retake(trunk: string | null): () => void {
    return this.gate(trunk)?.occupy() ?? nothing;
  }

  refusal(requests: readonly Wanted[]): Refused | null {
    const now = this.clock.now();
    return soonestRefusal(requests, ([trunk, target]) => this.gate(trunk)?.refusal(target, now) ?? null);
  }

  takeTurn(queue: string): number {
    const turn = this.nextTurn(queue);
    this.turns.set(queue, turn + 1);
    return turn;
  }

  nextTurn(queue: string): number {
    return this.turns.get(queue) ?? 0;
  }

  health(): null {
    return null;
  }

  stop(): Promise<void> {
    return Promise.resolve();
  }

  private gate(trunk: string | null): TrunkGate | undefined {
    return trunk === null ? undefined : this.gates.get(trunk);
  }
}
