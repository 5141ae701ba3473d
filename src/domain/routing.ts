/** From a command, or from what a caller dialled, to a plan. The parts stand in `routing/`. */
export { botTarget } from './routing/bot-target.js';
export type { CallerIdentity, Knowledge } from './routing/caller.js';
export { budgetUse, type BudgetUse } from './routing/carried-headers.js';
export {
  explainPlan,
  layersOf,
  type ExplainedValue,
  type Layer,
  type Layered,
  type Layers,
} from './routing/layers.js';
export { planRedirect, type Redirect } from './routing/plan-redirect.js';
export { planTransfer } from './routing/plan-transfer.js';
export { resolveRoute } from './routing/resolve-route.js';
export type { Routed, RoutingCode, RoutingProblem } from './routing/routed.js';
export { mapStatus } from './routing/map-status.js';
