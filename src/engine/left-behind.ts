import type { Clock } from '../ports/clock.js';
import type { Slot } from './leg-slots.js';

/**
 * A call that lost its SIP server is over at once, though one of its legs may be on another server: whoever replaced a
 * party came by that one. Those of the lost server are being told so one by one just now; who is left is hung up.
 */
export function hangUpLeft(clock: Pick<Clock, 'after'>, slots: readonly Slot[]): void {
  const open = (): Slot[] => slots.filter(({ hasEnded }) => !hasEnded);
  if (open().length === 0) return;
  clock.after(0, () => {
    for (const { port } of open()) port.bye([]);
  });
}
