import { soonestRefusal } from '../../../domain/limits/soonest.js';
import { TrunkGate } from '../../../domain/limits/trunk-gate.js';
import type { TrunkLimits } from '../../../domain/settings.js';
import { silentLog } from '../../../ports/log.js';
import type { Admitted, Places, Refused, Wanted } from '../../../ports/places.js';
import type { StoreHealth } from '../../../ports/store.js';
import { Link } from '../link.js';
import { REDIS_DEADLINES } from '../options.js';
import { within } from '../within.js';
import { PLACES_DEADLINES, type PlacesDeadlines, type RedisPlacesOptions } from './options.js';
import { TrunkPlaces } from './trunk-places.js';
import { TurnStock } from './turn-stock.js';
import { Wire } from './wire.js';

/** Limits and turns of all engines on one Redis: one server, a master watched by sentinels, or a cluster. */
export function createRedisPlaces(options: RedisPlacesOptions): Places {
  return new PlacesInRedis(options, { ...PLACES_DEADLINES, ...options.deadlines });
}

const nothing = (): void => undefined;

const isLimited = ({ concurrent, perMinute, perTargetPerMinute }: TrunkLimits): boolean =>
  concurrent !== null || perMinute !== null || perTargetPerMinute !== null;

class PlacesInRedis implements Places {
  private readonly link: Link;
  private readonly wire: Wire;
  private readonly shared = new Map<string, TrunkPlaces>();
  /** Trunks without limits: counted for the metrics only, so nobody is asked. */
  private readonly unlimited = new Map<string, TrunkGate>();
  private readonly stocks = new Map<string, TurnStock>();
  private made = 0;
  private stopBeat: () => void = nothing;
  private begun = false;
  private isDegraded = false;

  constructor(
    private readonly options: RedisPlacesOptions,
    private readonly deadlines: PlacesDeadlines,
  ) {
    const { connection, clock, deadlines: over } = options;
    // The store says what is wrong with Redis, by its own connection; of this one only what follows from it is told.
    const metrics = { dependencyChanged: nothing, storeBacklog: nothing, storeWriteLost: nothing };
    const redis = { ...REDIS_DEADLINES, ...over };
    this.link = new Link({ connection, clock, log: silentLog, metrics }, redis);
    this.wire = new Wire(this.link, clock, deadlines.answerMs);
    this.openTrunks();
    for (const [name, { strategy }] of options.queues)
      if (strategy === 'roundRobin') this.stocks.set(name, new TurnStock(name, this.wire));
  }

  async start(): Promise<void> {
    try {
      await this.link.start();
    } catch (error) {
      this.link.stop();
      throw error;
    }
    await this.renewAll();
    this.begun = true;
    this.look();
    this.beat();
  }

  take([trunk, target]: Wanted): Admitted | Promise<Admitted> {
    const shared = this.sharedTrunk(trunk);
    if (shared !== undefined) return shared.take(target);
    return { ok: true, release: this.ownTrunk(trunk)?.occupy() ?? nothing };
  }

  retake(trunk: string | null): () => void {
    return this.sharedTrunk(trunk)?.retake() ?? this.ownTrunk(trunk)?.occupy() ?? nothing;
  }

  refusal(requests: readonly Wanted[]): Refused | null {
    return soonestRefusal(requests, ([trunk, target]) => this.sharedTrunk(trunk)?.refusal(target) ?? null);
  }

  takeTurn(queue: string): number {
    return this.stockOf(queue).take();
  }

  nextTurn(queue: string): number {
    return this.stockOf(queue).next();
  }

  health(): StoreHealth {
    const alone = this.trunksAlone();
    if (alone.length === 0) return { word: 'up', detail: null };
    const names = alone.map(({ name }) => name).join(', ');
    return { word: 'degraded', detail: `counted by this engine alone: ${names}; ${this.problem(alone)}` };
  }

  async stop(): Promise<void> {
    this.stopBeat();
    this.begun = false;
    const left = Promise.all([...this.shared.values()].map((trunk) => trunk.leave()));
    await within(this.options.clock, this.deadlines.leaveMs, left).catch(nothing);
    this.link.stop();
  }

  private openTrunks(): void {
    const { trunks, metrics, clock, engine } = this.options;
    const newId = (): string => `${engine} ${(this.made += 1)}`;
    const parts = { engine, clock, newId, wire: this.wire, deadlines: this.deadlines };
    for (const [name, { limits }] of trunks) {
      const gate = new TrunkGate(name, limits, (inUse) => metrics.trunkInUse(name, inUse));
      if (isLimited(limits))
        this.shared.set(name, new TrunkPlaces(gate, { ...parts, changed: () => this.look() }));
      else this.unlimited.set(name, gate);
    }
  }

  private sharedTrunk(trunk: string | null): TrunkPlaces | undefined {
    return trunk === null ? undefined : this.shared.get(trunk);
  }

  private ownTrunk(trunk: string | null): TrunkGate | undefined {
    return trunk === null ? undefined : this.unlimited.get(trunk);
  }

  private stockOf(queue: string): TurnStock {
    const known = this.stocks.get(queue);
    if (known !== undefined) return known;
    const fresh = new TurnStock(queue, this.wire);
    this.stocks.set(queue, fresh);
    return fresh;
  }

  private beat(): void {
    this.stopBeat = this.options.clock.after(this.deadlines.renewMs, () => {
      void this.renewAll();
      this.beat();
    });
  }

  private async renewAll(): Promise<void> {
    const trunks = [...this.shared.values()].map((trunk) => trunk.renew());
    const queues = [...this.stocks.values()].map((stock) => stock.fill());
    await Promise.all([...trunks, ...queues]);
  }

  private trunksAlone(): readonly TrunkPlaces[] {
    return [...this.shared.values()].filter(({ problem }) => problem !== null);
  }

  private problem(alone: readonly TrunkPlaces[]): string {
    return this.link.trouble() ?? `Redis: ${alone[0]?.problem ?? 'no answer'}`;
  }

  /** Said once for all trunks, when the first counts for itself and when none does any more. */
  private look(): void {
    if (!this.begun) return;
    const alone = this.trunksAlone();
    const isDegraded = alone.length > 0;
    if (isDegraded === this.isDegraded) return;
    this.isDegraded = isDegraded;
    const { log } = this.options;
    if (!isDegraded) return log.info({}, 'limits of trunks are counted with the other engines again');
    const trunks = alone.map(({ name }) => name);
    const problem = this.problem(alone);
    log.warn({ trunks, problem }, 'limits of trunks are counted by this engine alone, within its last share');
  }
}
