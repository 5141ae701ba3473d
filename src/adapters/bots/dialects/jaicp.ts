import type { EndedBy } from '../../../domain/bot-event.js';
import { statusAt, type CallMemory } from '../../../domain/call-memory.js';
import type { PublishedEvent } from '../../../ports/bot-runtime.js';

/**
 * The `transfer` event with the status of the transfer, members in this order (features 5.1). `null`: not the verdict
 * of a transfer.
 */
export function jaicpTransfer(event: PublishedEvent): string | null {
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

/**
 * What JAICP sends its bot in a telephone call: a `query` (what the caller said, `/start` at first) or an `event`, with
 * the envelope of its bot requests. `null`: JAICP has no word for the event.
 */
export function jaicpRequest(event: PublishedEvent, memory: CallMemory): string | null {
  const said = wordFor(event);
  if (said === null) return null;
  const { id, seq, callId, channel, time } = event;
  const { caller, dialled } = memory;
  const transferStatus = statusAt(memory, seq);
  const client = caller === null || HIDDEN.has(caller) ? callId : caller;
  return JSON.stringify({
    ...said,
    callId,
    channel,
    rawRequest: { caller, extension: dialled, ...(transferStatus !== null && { transferStatus }) },
    data: {},
    version: 1,
    botId: channel,
    channelType: TELEPHONY,
    channelBotId: channel,
    channelUserId: client,
    questionId: id,
    timestamp: Date.parse(time) / 1000,
    userFrom: { id: client },
  });
}

/** A caller without a number, or one that hides it (RFC 3323 4.1.1.3): callers that hide are not one and the same client. */
const HIDDEN: ReadonlySet<string> = new Set(['', 'anonymous']);

/** JAICP's name for telephone channels. */
const TELEPHONY = 'resterisk';

function wordFor(event: PublishedEvent): { readonly query: string } | { readonly event: string } | null {
  switch (event.type) {
    case 'call.started':
      return { query: '/start' };
    case 'call.input':
      if (event.data.from === 'agent') return null;
      return event.data.input === 'none' ? { event: 'noDtmfAnswerEvent' } : { query: event.data.digits };
    case 'call.ended':
      return { event: LEFT.has(event.data.by) ? 'hangup' : 'botHangup' };
    default:
      return null;
  }
}

/** The caller is gone by itself; every other end is one we made. */
const LEFT: ReadonlySet<EndedBy> = new Set<EndedBy>(['caller', 'signalling_lost']);
