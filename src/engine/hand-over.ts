import { takeOver } from '../domain/step.js';
import type { LiveCall } from './registry.js';

/** Whether another engine could simply go on with the call as it is now: a direct one, amid a conversation. */
export function canBeHandedOver({ runner }: Pick<LiveCall, 'runner'>): boolean {
  const { call, legs, isWaiting } = runner;
  const { phase } = call.state;
  if (isWaiting || (phase !== 'withBot' && phase !== 'withTarget')) return false;
  if (legs.all().some(({ port }) => port.handle === null)) return false;
  return takeOver(call, new Set(call.legs.keys())).next.state.phase === phase;
}
