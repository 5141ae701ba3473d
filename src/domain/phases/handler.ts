import type { Phase, State } from '../call.js';
import type { Fact, FactType } from '../fact.js';
import type { Turn } from '../turn.js';

/** What one phase does with one fact. `state` is the turn's state, already known to be of this phase. */
export type Handler<P extends Phase, F extends FactType> = (
  turn: Turn,
  fact: Extract<Fact, { type: F }>,
  state: Extract<State, { phase: P }>,
) => void;

/** One row of the table: a fact that is missing is ignored, on purpose, and counted. */
export type Row<P extends Phase> = { readonly [F in FactType]?: Handler<P, F> };
