import type { CallId, EventId } from '../../domain/ids.js';
import type { PublishedEvent } from '../../ports/bot-runtime.js';
import type { CallPage, EngineId, Orphan } from '../../ports/call-book.js';
import type { Clock } from '../../ports/clock.js';
import { ExpiringMap } from './expiring-map.js';

/** How long an engine that is not heard keeps its calls. */
export const LEASE_MS = 3_000;

/** Whoever froze for longer than this, or missed more, is believed what it writes about a call that is over. */
const ENDED = { max: 10_000, ms: 86_400_000 };

/** What the shelf tells a book. */
export interface ShelfUser {
  orphan(orphan: Orphan): void;
  /** The shelf can be reached again. */
  back(): void;
}

interface Kept {
  engine: EngineId;
  tenure: number;
  state: string | null;
  /** In the order they were told. */
  readonly unsettled: Map<EventId, PublishedEvent>;
}

interface Lease {
  readonly user: ShelfUser;
  /** `cut`: not heard, and gone as soon as its time is up. */
  presence: 'heard' | 'cut' | 'lapsed';
  declines: boolean;
  stopWaiting: () => void;
  /** Calls that were this engine's until another one took them, of which it was not told yet. */
  readonly stolen: Set<CallId>;
}

/**
 * The calls of all engines of one process: what several books share, as engines share a Redis. {@link cut} is for
 * tests and simulations: an engine that dies, freezes or loses its network looks the same from here.
 */
export class CallShelf {
  private readonly calls = new Map<CallId, Kept>();
  private readonly leases = new Map<EngineId, Lease>();
  /** Calls that changed hands stay known after their end: whoever had them before may still write. */
  private readonly ended: ExpiringMap<CallId, number>;
  private turn = 0;

  constructor(
    private readonly clock: Clock,
    /** See {@link CallBook.isShared}. */
    readonly isShared = true,
  ) {
    this.ended = new ExpiringMap(ENDED.max, ENDED.ms, () => clock.now());
  }

  enter(engine: EngineId, user: ShelfUser): void {
    const lease = { user, presence: 'heard' as const, declines: false, stopWaiting: () => undefined };
    this.leases.set(engine, { ...lease, stolen: new Set() });
    this.handOut();
  }

  leave(engine: EngineId): void {
    this.leases.get(engine)?.stopWaiting();
    this.leases.delete(engine);
    this.handOut();
  }

  decline(engine: EngineId): void {
    const lease = this.leases.get(engine);
    if (lease !== undefined) lease.declines = true;
  }

  /** From now on nothing of this engine is heard; {@link LEASE_MS} later its calls are another's. */
  cut(engine: EngineId): void {
    const lease = this.leases.get(engine);
    if (lease?.presence !== 'heard') return;
    lease.presence = 'cut';
    lease.stopWaiting = this.clock.after(LEASE_MS, () => {
      lease.presence = 'lapsed';
      this.handOut();
    });
  }

  /** It is heard again, and hears which calls it has lost. */
  mend(engine: EngineId): void {
    const lease = this.leases.get(engine);
    if (lease === undefined || lease.presence === 'heard') return;
    lease.stopWaiting();
    lease.presence = 'heard';
    lease.user.back();
    this.handOut();
  }

  hears(engine: EngineId): boolean {
    return this.leases.get(engine)?.presence === 'heard';
  }

  write(engine: EngineId, { callId, tenure, state, events }: CallPage): 'written' | 'lost' {
    const known = this.calls.get(callId);
    const fence = known?.tenure ?? this.ended.get(callId) ?? 0;
    if (tenure < fence || (tenure === fence && known !== undefined && known.engine !== engine)) {
      this.leases.get(engine)?.stolen.delete(callId);
      return 'lost';
    }
    const kept = known ?? { engine, tenure, state, unsettled: new Map() };
    this.calls.set(callId, Object.assign(kept, { engine, tenure, state }));
    for (const event of events) kept.unsettled.set(event.id, event);
    this.forgetIfOver(callId, kept);
    return 'written';
  }

  settle(engine: EngineId, call: CallId, event: EventId): void {
    const kept = this.calls.get(call);
    if (kept?.engine !== engine) return;
    kept.unsettled.delete(event);
    this.forgetIfOver(call, kept);
  }

  engineOf(call: CallId): EngineId | null {
    const known = this.calls.get(call);
    return known === undefined || known.state === null ? null : known.engine;
  }

  engines(): readonly EngineId[] {
    return [...this.leases].filter(([, { presence }]) => presence !== 'lapsed').map(([engine]) => engine);
  }

  hasHeirsOf(engine: EngineId): boolean {
    return this.heirs().some(([heir]) => heir !== engine);
  }

  /** Takes the calls this engine has lost and was not told of. */
  stolen(engine: EngineId): readonly CallId[] {
    const stolen = this.leases.get(engine)?.stolen;
    const calls = [...(stolen ?? [])];
    stolen?.clear();
    return calls;
  }

  private forgetIfOver(call: CallId, { tenure, state, unsettled }: Kept): void {
    if (state !== null || unsettled.size > 0) return;
    this.calls.delete(call);
    if (tenure > 1) this.ended.set(call, tenure);
  }

  /** Gives every call without an engine to one that is heard, in turn. */
  private handOut(): void {
    for (const [callId, kept] of [...this.calls]) {
      const from = kept.engine;
      const old = this.leases.get(from);
      if (this.calls.get(callId) !== kept || (old !== undefined && old.presence !== 'lapsed')) continue;
      const heir = this.nextHeir();
      if (heir === undefined) return;
      const [engine, { user, stolen }] = heir;
      old?.stolen.add(callId);
      stolen.delete(callId);
      kept.engine = engine;
      kept.tenure += 1;
      const { tenure, state, unsettled } = kept;
      user.orphan({ callId, tenure, from, state, unsettled: [...unsettled.values()] });
    }
  }

  private nextHeir(): [EngineId, Lease] | undefined {
    const heirs = this.heirs();
    this.turn += 1;
    return heirs[this.turn % heirs.length];
  }

  private heirs(): [EngineId, Lease][] {
    return [...this.leases].filter(([, { presence, declines }]) => presence === 'heard' && !declines);
  }
}
