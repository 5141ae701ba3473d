import type { Call } from '../domain/call.js';
import { agentLeg, type LegId } from '../domain/ids.js';
import { matchesDialog, type Replaces } from '../sip/replaces.js';
import type { LegEvent, LegPort } from '../ports/signalling.js';
import type { SipCallIds } from '../ports/tracing.js';
import { AnchoredLeg } from './anchor/anchored-leg.js';

/** One leg's place in a call: what it is called there changes, the dialog behind it does not. */
export class Slot {
  readonly port: LegPort;
  /** Its column on the ladder: the name it came by. One column is one far end, whatever that is called later. */
  column: LegId;
  private over = false;
  /** Gives back its place on the trunk; `null`: it has none. */
  private giveBack: (() => void) | null = null;

  constructor(
    public name: LegId,
    /** Trunk the far end belongs to, `null` = an address of its own. */
    readonly trunk: string | null,
    /** Makes the port, which may want to know the slot it will speak for. */
    connect: (slot: Slot) => LegPort,
  ) {
    this.column = name;
    this.port = connect(this);
  }

  /** It has a place on its trunk, given back by `leave`. */
  enterTrunk(leave: () => void): void {
    this.giveBack = leave;
  }

  /** Whether it takes a place on its trunk. */
  get counted(): boolean {
    return this.giveBack !== null;
  }

  /** Gives back its place on the trunk, if it has one; more than once does no harm. */
  leaveTrunk(): void {
    this.giveBack?.();
    this.giveBack = null;
  }

  /** Its far end is no longer there. */
  get hasEnded(): boolean {
    return this.over;
  }

  /** Before the call is told. */
  heard({ type }: LegEvent): void {
    if (!LAST_WORDS.has(type)) return;
    this.over = true;
    this.leaveTrunk();
  }

  /** The leg with its endpoint, in a call whose media is ours. */
  get anchor(): AnchoredLeg | undefined {
    return this.port instanceof AnchoredLeg ? this.port : undefined;
  }
}

/** After these a leg's far end is no longer there. */
const LAST_WORDS: ReadonlySet<LegEvent['type']> = new Set(['refused', 'hungUp', 'closed', 'lost']);

/** The legs of one call by name. */
export class LegSlots {
  private readonly slots = new Map<LegId, Slot>();

  add(slot: Slot): void {
    this.slots.set(slot.name, slot);
  }

  get(name: LegId): Slot | undefined {
    return this.slots.get(name);
  }

  port(name: LegId): LegPort | undefined {
    return this.slots.get(name)?.port;
  }

  all(): readonly Slot[] {
    return [...this.slots.values()];
  }

  get size(): number {
    return this.slots.size;
  }

  /** The leg leaves for another call. */
  take(name: LegId): Slot | undefined {
    const slot = this.slots.get(name);
    this.slots.delete(name);
    return slot;
  }

  /** Two legs change names; either may be gone. */
  swap(a: LegId, b: LegId): void {
    const [one, two] = [this.take(a), this.take(b)];
    for (const [slot, name] of [
      [one, b],
      [two, a],
    ] as const) {
      if (slot === undefined) continue;
      slot.name = name;
      this.slots.set(name, slot);
    }
  }

  sipCallIds({ dialled }: Pick<Call, 'dialled'>): SipCallIds {
    const of = (name: LegId): string | null => this.port(name)?.sipCallId ?? null;
    return { caller: of('caller'), target: of(agentLeg(dialled)) };
  }

  /** Names of the legs whose dialog a Replaces header means. */
  matching(replaces: Replaces): LegId[] {
    return [...this.slots.values()].flatMap(({ name, port }) =>
      port.dialog !== null && matchesDialog(replaces, port.dialog) ? [name] : [],
    );
  }
}
