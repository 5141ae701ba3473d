import { isVerdict, type BotEvent } from './bot-event.js';
import type { TransferStatus } from './outcome.js';

/**
 * What a bot has been told of its call, for dialects that repeat it with every message. JSON: kept with the call, so
 * that whoever takes the call over speaks on as the engine before did.
 */
export interface CallMemory {
  /** `null`: nobody remembers how the call began. */
  readonly caller: string | null;
  readonly dialled: string | null;
  /** Of the last transfers that ended, by the number of the event that told it, rising. */
  readonly verdicts: readonly { readonly seq: number; readonly status: TransferStatus }[];
}

export const NOTHING_TOLD: CallMemory = { caller: null, dialled: null, verdicts: [] };

/** An event of a call and its number there. */
type Told = BotEvent & { readonly seq: number };

/** More than a call has events without an answer of its bot; older ones nobody asks for. */
const VERDICTS = 5;

/** The same however often an event is told. */
export function remembering(memory: CallMemory, event: Told): CallMemory {
  if (event.type === 'call.started') return { ...memory, caller: event.data.from, dialled: event.data.to };
  if (!isVerdict(event)) return memory;
  const { seq, data } = event;
  const others = memory.verdicts.filter((verdict) => verdict.seq !== seq);
  const verdicts = [...others, { seq, status: data.transferStatus }].sort((a, b) => a.seq - b.seq);
  return { ...memory, verdicts: verdicts.slice(-VERDICTS) };
}

/** How the last transfer had ended when this event was told; `null`: none had. */
export const statusAt = (memory: CallMemory, seq: number): TransferStatus | null =>
  memory.verdicts.findLast((verdict) => verdict.seq <= seq)?.status ?? null;
