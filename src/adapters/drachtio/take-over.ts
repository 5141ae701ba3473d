import type Srf from 'drachtio-srf';
import { requestInDialog } from './in-dialog-request.js';
import { isForgotten } from './refusal.js';

/**
 * What a server makes of a dialog another application had.
 * `ours`: its requests come to us from now on (embedded). `deaf`: we can send in it, and are told nothing of what the
 * far end says there, which gets 481 (real: its client table has no second application for a dialog). `gone`: it does
 * not have it, or does not give it to us.
 */
export type Taken = 'ours' | 'deaf' | 'gone';

/**
 * Asks for a dialog, without a word to the far end: a body without a type is refused by every server before it is
 * sent, but behind the look for the dialog; the embedded server knows the header.
 */
export function takeOver(srf: Srf, id: string, told: (taken: Taken) => void): void {
  const question = { method: 'OPTIONS', headers: { 'Take-Over': 'dialog' }, body: '?' } as const;
  requestInDialog(srf, { id, socket: undefined }, question, (error) => told(takenBy(error)));
}

function takenBy(error: Error | null): Taken {
  const words = error?.message ?? '';
  if (words.includes('dialog taken over')) return 'ours';
  return words.includes('content-type') && !isForgotten(error) ? 'deaf' : 'gone';
}
