import type { PublishedEvent } from '../../../ports/bot-runtime.js';

/**
 * What a JAICP bot is told: the `transfer` event with the status of the transfer, members in this order (features
 * 5.1). `null`: this dialect has no word for the event.
 */
export function jaicpBody(event: PublishedEvent): string | null {
  switch (event.type) {
    case 'transfer.completed':
    case 'transfer.failed':
    case 'transfer.cancelled': {
      const { status, hangup, number } = event.data.transferStatus;
      const { callId, channel } = event;
      return JSON.stringify({
        event: 'transfer',
        transferStatus: { status, hangup, number },
        callId,
        channel,
      });
    }
    default:
      return null;
  }
}
