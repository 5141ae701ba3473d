import { CONCURRENT_RETRY_MS, type Refused } from '../../../domain/limits/refused.js';
import type { TrunkGate } from '../../../domain/limits/trunk-gate.js';
import { MINUTE_MS } from '../../../domain/limits/window.js';
import type { Clock } from '../../../ports/clock.js';
import type { Admitted } from '../../../ports/places.js';
import { readNumber, readRenew, readTake, type TakeAnswer } from './answers.js';
import { trunkKeys, type PlaceId, type TrunkKeys } from './keys.js';
import type { PlacesDeadlines } from './options.js';
import { COUNT, RENEW, TAKE } from './scripts.js';
import { TrunkKnowledge } from './trunk-knowledge.js';
import type { Sent, Wire } from './wire.js';

export interface TrunkParts {
  readonly engine: string;
  readonly clock: Clock;
  readonly wire: Wire;
  readonly deadlines: PlacesDeadlines;
  readonly newId: () => PlaceId;
  /** Told when the trunk begins to count for itself, or with others again. */
  readonly changed: () => void;
}

/** A request that went out while nobody could be asked. */
interface Uncounted {
  readonly id: PlaceId;
  readonly target: string;
  readonly at: number;
}

/** The places of one trunk that several engines use: every request asks Redis, or counts alone when it is not heard. */
export class TrunkPlaces {
  private readonly keys: TrunkKeys;
  private readonly knowledge: TrunkKnowledge;
  /** Places this engine has. */
  private readonly held = new Set<PlaceId>();
  /** Of these, those Redis said it has. */
  private readonly acknowledged = new Set<PlaceId>();
  /** Given back, and Redis has not said yet that they are gone. */
  private readonly leaving = new Set<PlaceId>();
  /** Oldest first. */
  private readonly uncounted = new Set<Uncounted>();
  /** Why this trunk counts for itself; `null`: it is counted with others. */
  private alone: string | null = 'not asked yet';

  constructor(
    private readonly gate: TrunkGate,
    private readonly parts: TrunkParts,
  ) {
    this.keys = trunkKeys(gate.name);
    this.knowledge = new TrunkKnowledge(gate);
  }

  /**
   * Places of this engine in Redis, as of the answer read last: answers come in the order in which the questions were
   * carried out, so what an answer counts beyond these belongs to others.
   */
  private get stored(): number {
    return this.acknowledged.size + this.leaving.size;
  }

  get name(): string {
    return this.gate.name;
  }

  /** Why this trunk counts for itself; `null`: it does not. */
  get problem(): string | null {
    return this.alone;
  }

  take(target: string): Admitted | Promise<Admitted> {
    const id = this.parts.newId();
    return this.alone === null ? this.takeShared(id, target) : this.takeAlone(id, target);
  }

  retake(): () => void {
    const id = this.parts.newId();
    const release = this.keep(id, this.gate.occupy());
    void this.tellAlive([id]);
    return release;
  }

  refusal(target: string): Refused | null {
    const now = this.parts.clock.now();
    return this.alone === null
      ? this.knowledge.refusal(target, now)
      : this.knowledge.refusalAlone(target, now);
  }

  /** Says that this engine lives, what it has and what it could not say, and hears what others have. */
  async renew(): Promise<void> {
    const heard = await this.tellAlive([...this.held]);
    if (heard) await this.countMissed();
  }

  /** Gives everything back. */
  async leave(): Promise<void> {
    const { wire, engine } = this.parts;
    const ids = [...this.held];
    this.held.clear();
    await wire.remove([this.keys.places, this.keys.engines], [engine, ...ids]);
  }

  private async takeShared(id: PlaceId, target: string): Promise<Admitted> {
    let alone: Admitted | null = null;
    const late = (answer: TakeAnswer): void => {
      if (answer.word === 'taken') this.tookLate(id, target, alone?.ok === true);
    };
    try {
      const answer = await this.parts.wire.ask(this.taking(id, target), readTake, late);
      return this.answered(id, target, answer);
    } catch (error) {
      this.isAlone(error);
      alone = this.takeAlone(id, target);
      return alone;
    }
  }

  private taking(id: PlaceId, target: string): Sent {
    const { places, minute, target: targetKey } = this.keys;
    const { concurrent, perMinute, perTargetPerMinute } = this.gate.limits;
    const limits = [concurrent, perMinute, perTargetPerMinute].map((limit) => limit ?? '');
    return [TAKE, [places, minute, targetKey(target)], [id, this.parts.deadlines.leaseMs, ...limits]];
  }

  private answered(id: PlaceId, target: string, answer: TakeAnswer): Admitted {
    const now = this.parts.clock.now();
    const { word, waitMs } = answer;
    if (word === 'taken') {
      const release = this.keep(id, this.gate.take(target, now));
      this.acknowledged.add(id);
      this.knowledge.asked(target, answer, this.stored, now);
      return { ok: true, release };
    }
    this.knowledge.asked(target, answer, this.stored, now);
    return this.gate.refuse(word, waitMs > 0 ? waitMs : CONCURRENT_RETRY_MS);
  }

  private takeAlone(id: PlaceId, target: string): Admitted {
    const now = this.parts.clock.now();
    const refused = this.knowledge.refusalAlone(target, now);
    if (refused !== null) return refused;
    this.uncounted.add({ id, target, at: now });
    for (const oldest of this.uncounted) {
      if (now - oldest.at < MINUTE_MS) break;
      this.uncounted.delete(oldest);
    }
    return { ok: true, release: this.keep(id, this.gate.take(target, now)) };
  }

  /** Redis gave a place nobody waited for any more. */
  private tookLate(id: PlaceId, target: string, wentOut: boolean): void {
    const { places, minute, target: targetKey } = this.keys;
    if (this.held.has(id)) this.acknowledged.add(id);
    if (!wentOut) this.remove(id, [places, minute, targetKey(target)]);
    else if (!this.held.has(id)) this.remove(id, [places]);
  }

  private keep(id: PlaceId, release: () => void): () => void {
    this.held.add(id);
    return () => {
      release();
      if (this.held.delete(id)) this.remove(id, [this.keys.places]);
    };
  }

  private remove(id: PlaceId, keys: readonly string[]): void {
    this.acknowledged.delete(id);
    this.leaving.add(id);
    void this.parts.wire.remove(keys, [id]).then(() => this.leaving.delete(id));
  }

  private async tellAlive(ids: readonly PlaceId[]): Promise<boolean> {
    const { wire, engine, deadlines } = this.parts;
    const { places, minute, engines } = this.keys;
    const args = [engine, deadlines.leaseMs, this.gate.limits.perMinute ?? '', ...ids];
    try {
      const answer = await wire.ask([RENEW, [places, minute, engines], args], (said) => {
        for (const id of ids) if (this.held.has(id)) this.acknowledged.add(id);
        return readRenew(said);
      });
      this.knowledge.renewed(answer, this.stored, this.parts.clock.now());
      this.isShared();
      return true;
    } catch (error) {
      this.isAlone(error);
      return false;
    }
  }

  /** Rates of all engines agree again: what went out meanwhile is counted as of then. */
  private async countMissed(): Promise<void> {
    const { minute, target: targetKey } = this.keys;
    const { perMinute, perTargetPerMinute } = this.gate.limits;
    for (const one of this.uncounted) {
      const keys = [
        ...(perMinute === null ? [] : [minute]),
        ...(perTargetPerMinute === null ? [] : [targetKey(one.target)]),
      ];
      const ago = Math.max(0, this.parts.clock.now() - one.at);
      if (keys.length > 0 && ago < MINUTE_MS) {
        const sent: Sent = [COUNT, keys, [one.id, ago]];
        const counted = await this.parts.wire.ask(sent, readNumber).catch(() => null);
        if (counted === null) return;
      }
      this.uncounted.delete(one);
    }
  }

  private isShared(): void {
    if (this.alone === null) return;
    this.alone = null;
    this.parts.changed();
  }

  private isAlone(error: unknown): void {
    const before = this.alone;
    this.alone = error instanceof Error ? error.message : String(error);
    if (before === null) this.parts.changed();
  }
}
