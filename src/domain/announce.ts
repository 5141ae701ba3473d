import type { AfterMessage, Transfer } from './call.js';
import type { Message } from './plan.js';
import { startAttempt } from './start-attempt.js';
import { T } from './timing.js';
import type { Turn } from './turn.js';
import { hearSound, spoken } from './waiting.js';

/** Messages of ours to the caller of an anchored call, around a transfer. */

/** Before the first attempt: the announcement where there is one. */
export function announce(turn: Turn, transfer: Transfer): void {
  const [message] = transfer.plan.sounds?.announce ?? [];
  // No attempt is made yet.
  if (message === undefined || !speak(turn, { ...transfer, attempt: 0 }, message, { do: 'attempt' }))
    startAttempt(turn, transfer);
}

/** @returns false when the caller cannot be spoken to: media is its own, or it is not answered, or gone */
export function speak(turn: Turn, transfer: Transfer, message: Message, then: AfterMessage): boolean {
  const media = turn.anchored('caller');
  if (media?.open !== true || turn.up('caller') === null || transfer.seat === 'caller') return false;
  const n = hearSound(turn, 'caller', spoken(message));
  turn.state = { phase: 'speaking', transfer, n, then };
  turn.start('speak', T.speakMs);
  return true;
}
