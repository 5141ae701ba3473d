import type { Outcome } from '../outcome.js';
import type { RefusedPlan } from '../plan.js';

/** Codes of the error catalogue a command can be answered with. */
export type RoutingCode =
  | 'unknown_channel'
  | 'no_trunk'
  | 'target_not_allowed'
  | 'caller_id_not_allowed'
  | 'invalid_field'
  | 'header_budget'
  | 'not_supported';

/** Why a command cannot be carried out; a code of the error catalogue, and where in the command. */
export interface RoutingProblem {
  readonly code: RoutingCode;
  readonly path: string;
  readonly detail: string;
  /** A sound command that policy forbids: the transfer the bot is told about. `null`: the command itself is wrong. */
  readonly refused: RefusedPlan | null;
}

export type Routed<T, P = RoutingProblem> =
  { readonly ok: true; readonly value: T } | { readonly ok: false; readonly problem: P };

/** A {@link RoutingProblem} before it is known whose transfer it is. */
export interface Obstacle extends Omit<RoutingProblem, 'refused'> {
  /** Set when policy forbids it. */
  readonly outcome: Outcome | null;
}

/** One step of the way from command to plan. */
export type Step<T> = Routed<T, Obstacle>;

export const found = <T>(value: T): { readonly ok: true; readonly value: T } => ({ ok: true, value });

export const failed = (problem: Obstacle): { readonly ok: false; readonly problem: Obstacle } => ({
  ok: false,
  problem,
});

/** The command is wrong. */
export const wrong = (code: RoutingCode, path: string, detail: string) =>
  failed({ code, path, detail, outcome: null });

/** The command is right, and may not be carried out. */
export const denied = (code: RoutingCode, path: string, detail: string, outcome: Outcome) =>
  failed({ code, path, detail, outcome });

/** Every item's result in order, or the first problem. */
export function each<T, U>(
  items: readonly T[],
  step: (item: T, index: number) => Step<U>,
): Step<readonly U[]> {
  const values: U[] = [];
  for (const [i, item] of items.entries()) {
    const result = step(item, i);
    if (!result.ok) return result;
    values.push(result.value);
  }
  return found(values);
}
