import type { PolicySimulation } from '../../domain/simulate-policy.js';
import type { FieldError } from '../../errors.js';

/** A policy to be simulated. */
export interface SimulationRequest {
  /** Whose policy, where the request brings no rules of its own. */
  readonly channel: string;
  readonly simulation: PolicySimulation;
  /** What is wrong with the request's own rules as a policy; they are simulated all the same. */
  readonly problems: readonly FieldError[];
}
