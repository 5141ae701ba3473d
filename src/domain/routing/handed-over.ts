import type { TransferCommand } from '../command.js';
import { denied, found, type Step } from './routed.js';

type HandingOver = 'refer' | 'bye';

/** What takes the call out of our hands before the target answers. */
type Leaving = HandingOver | '302';

/** Who is shown is up to the network that makes the call: a command that has a wish gets a no, not something else. */
export function networkShows({ callerId }: TransferCommand, method: HandingOver): Step<null> {
  if (callerId === undefined) return found(null);
  const detail = `the caller's network makes the call after a ${method.toUpperCase()} and shows whom it likes, so callerId cannot be kept; leave it out, or use method invite`;
  return denied('not_supported', 'callerId', detail, 'not_supported');
}

/** Nobody of ours is there when the target answers. */
export function digitsAfter(method: Leaving, postDial: string | null, path: string): Step<null> {
  if (postDial === null) return found(null);
  const detail = `digits after the answer (postDial) cannot follow a ${method.toUpperCase()}; use ${method === '302' ? 'a route' : 'method invite'}`;
  return denied('not_supported', path, detail, 'not_supported');
}
