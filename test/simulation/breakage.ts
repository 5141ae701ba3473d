import type { Call } from '../../src/domain/call.js';
import type { CallEvent } from '../../src/domain/call-event.js';
import type { Effect } from '../../src/domain/effect.js';
import { stepBy } from '../../src/domain/step.js';
import type { Table } from '../../src/domain/table.js';
import { REAL, type Engine } from './world.js';

/** A promise broken on purpose: if the simulation does not see it, the simulation is worth nothing. */
export interface Breakage {
  readonly name: string;
  /** What is broken, in one sentence. */
  readonly what: string;
  readonly engine: Engine;
}

/** The engine by another table. */
export const byTable = (table: Table): Engine => ({
  ...REAL,
  step: (call, event) => stepBy(table, call, event),
});

/** The engine whose effects are tampered with on their way out: one effect becomes none, itself, or others. */
export const byEffects = (
  edit: (effect: Effect, event: CallEvent, before: Call) => readonly Effect[],
): Engine => ({
  ...REAL,
  step: (call, event) => {
    const result = REAL.step(call, event);
    return { ...result, effects: result.effects.flatMap((e) => edit(e, event, call)) };
  },
});

/** The engine that hears something else than was said. */
export const byEvents = (hear: (event: CallEvent, before: Call) => CallEvent): Engine => ({
  ...REAL,
  step: (call, event) => REAL.step(call, hear(event, call)),
});

/** The engine that keeps some of its effects to itself. */
export const without = (gone: (effect: Effect, event: CallEvent, before: Call) => boolean): Engine =>
  byEffects((effect, event, before) => (gone(effect, event, before) ? [] : [effect]));
