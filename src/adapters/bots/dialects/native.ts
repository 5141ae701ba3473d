import type { PublishedEvent } from '../../../ports/bot-runtime.js';

/** The envelope of CONTRACT 4, members in this order. */
export function nativeBody(event: PublishedEvent): string {
  const { id, seq, type, time, callId, channel, data } = event;
  return JSON.stringify({ id, seq, type, time, callId, channel, data });
}
