import type { FallbackRule } from '../plan.js';
import type { TransferDefaults } from '../settings.js';
import type { QueueRules } from './destinations.js';
import type { Layered } from './layers.js';

/**
 * The rules of a plan with those its queues imply: an overflow node acts when no rule matched, that is behind the
 * command's own rules, and before a catch-all of a lower layer, which knows nothing of this queue.
 */
export function failureRules(
  { value: rules, layer }: Layered<TransferDefaults['onFailure']>,
  queues: readonly QueueRules[],
): readonly FallbackRule[] {
  const overflow = queues.flatMap(({ node, label }): FallbackRule[] =>
    node === null
      ? []
      : [
          // Other targets of the command come first; `next` gives way when there is none.
          { match: ['*'], target: label, action: { kind: 'next' } },
          { match: ['*'], target: label, action: { kind: 'goto', node, message: null } },
        ],
  );
  const catchAll = layer === 'command' ? -1 : rules.findIndex(isCatchAll);
  const at = catchAll === -1 ? rules.length : catchAll;
  return [...rules.slice(0, at), ...overflow, ...rules.slice(at)];
}

const isCatchAll = ({ match, target, attempt, action }: FallbackRule): boolean =>
  match.includes('*') &&
  target === undefined &&
  attempt === undefined &&
  action.kind !== 'next' &&
  action.kind !== 'retry';
