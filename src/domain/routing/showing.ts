import type { TransferCommand } from '../command.js';
import type { Trunk } from '../settings.js';
import type { Showing } from './identity.js';

/** Who the target is to see calling on this trunk: the command's word, else the trunk's, else the caller. */
export function showingOn({ callerId }: TransferCommand, trunk: Trunk | null): Showing {
  if (callerId !== undefined) return { policy: callerId.policy, number: callerId.number ?? null };
  if (trunk === null) return { policy: 'caller', number: null };
  return { policy: trunk.callerId.policy, number: trunk.callerId.number };
}
