import type { LegPhase } from '../domain/leg.js';
import type { Clock } from '../ports/clock.js';
import type { LegPort } from '../ports/signalling.js';
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

/**
 * A leg of a call that is another engine's by now, in the phase it has here. What is confirmed is the other one's. An
 * INVITE of ours goes on with nobody, and this one may have been sent behind the last page the other one has read.
 */
export function leaveLeg(port: LegPort, phase: LegPhase | undefined): void {
  switch (phase) {
    case 'inviting':
    case 'cancelling':
      port.rebind(({ type }) => {
        if (type === 'answered') port.bye([]);
      }, deaf);
      return phase === 'inviting' ? port.cancel([]) : undefined;
    case 'closing':
      return port.rebind(deaf, deaf);
    case 'offered':
    case 'up':
    case undefined:
      port.rebind(deaf, deaf);
      return port.abandon();
  }
}

const deaf = (): void => undefined;
