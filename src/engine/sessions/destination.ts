import type { CommandTarget, TransferCommand } from '../../domain/command.js';
import { labelOf } from '../../domain/routing/destinations.js';
import type { Provider, Settings } from '../../domain/settings.js';

/** Where the configuration leads a label of an attempt, or of a target not tried yet. */
export interface Destination {
  readonly queue: string | null;
  readonly provider: Provider | null;
}

/** Extensions may stand for extensions; routing refuses those that stand for themselves. */
const MAX_DEPTH = 8;

/**
 * The queue a target is, or stands for, and the system its agents work with: the queue's own, else the trunk's.
 * `command`: tells a queue from a number that is called the same; without it the label itself is asked.
 */
export function destinationOf(
  settings: Pick<Settings, 'targets' | 'trunks'>,
  command: TransferCommand | null,
  label: string,
  trunk: string | null,
): Destination {
  const target = command?.targets.find((one) => labelOf(one) === label) ?? { queue: label };
  const queue = queueOf(settings, target);
  const own = queue === null ? undefined : settings.targets.queues.get(queue)?.provider;
  const carrier = trunk === null ? undefined : settings.trunks.get(trunk)?.provider;
  return { queue, provider: own ?? carrier ?? null };
}

function queueOf({ targets }: Pick<Settings, 'targets'>, from: CommandTarget): string | null {
  let target: CommandTarget | undefined = from;
  for (let depth = 0; depth < MAX_DEPTH && target !== undefined; depth += 1) {
    if ('queue' in target) return targets.queues.has(target.queue) ? target.queue : null;
    target = 'extension' in target ? targets.extensions.get(target.extension) : undefined;
  }
  return null;
}
