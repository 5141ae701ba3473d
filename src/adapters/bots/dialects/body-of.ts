import type { CallMemory } from '../../../domain/call-memory.js';
import type { PublishedEvent } from '../../../ports/bot-runtime.js';
import type { BotSink } from '../options.js';
import { jaicpRequest, jaicpTransfer } from './jaicp.js';
import { nativeBody } from './native.js';

/** The request body for an event, `null` when the dialect does not tell it. */
export function bodyOf(sink: BotSink, event: PublishedEvent, memory: CallMemory): string | null {
  if (sink.dialect === 'native') return nativeBody(event);
  return jaicpTransfer(event) ?? (sink.converses ? jaicpRequest(event, memory) : null);
}
