import { stepBy } from '../../src/domain/step.js';
import { TABLE, type Table } from '../../src/domain/table.js';
import type { Turn } from '../../src/domain/turn.js';
import { REAL, type Engine } from './world.js';

type AnyRow = Record<string, (turn: Turn, fact: unknown, state: unknown) => void>;

/** The real engine, noting every arrow of the table it takes: `phase fact -> next phase`. */
export function recording(seen: Set<string>): Engine {
  const table: Record<string, AnyRow> = {};
  for (const [phase, row] of Object.entries(TABLE)) {
    const noted: AnyRow = {};
    for (const [fact, handler] of Object.entries(row as AnyRow)) {
      noted[fact] = (turn, what, state) => {
        handler(turn, what, state);
        seen.add(`${phase} ${fact} -> ${turn.state.phase}`);
      };
    }
    table[phase] = noted;
  }
  return { ...REAL, step: (call, event) => stepBy(table as unknown as Table, call, event) };
}
