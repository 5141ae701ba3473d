import type { CallId } from '../../domain/ids.js';
import type { TransferStatus } from '../../domain/outcome.js';
import type { PublishedEvent } from '../../ports/bot-runtime.js';
import { Questions } from './questions.js';

/** What has been said of a call, for dialects that repeat it with every message. */
export interface CallMemory {
  /** `null`: the call was not begun here. */
  readonly caller: string | null;
  readonly dialled: string | null;
  /** Of the last transfer that ended. */
  readonly transferStatus: TransferStatus | null;
}

/** One call and its bot. */
export class Talk {
  readonly questions = new Questions();
  memory: CallMemory = { caller: null, dialled: null, transferStatus: null };
  constructor(readonly channel: string) {}
}

/** Every call that bots are told of, from its first event to its last. */
export class Talks {
  private readonly talks = new Map<CallId, Talk>();

  get(call: CallId): Talk | undefined {
    return this.talks.get(call);
  }

  /** The talk an event belongs to, with what the event tells. */
  hear(event: PublishedEvent): Talk {
    const known = this.talks.get(event.callId);
    const talk = known ?? new Talk(event.channel);
    talk.memory = remembering(talk.memory, event);
    // Nobody waits for an answer any more.
    if (event.type === 'call.ended') this.talks.delete(event.callId);
    else if (known !== undefined || !MAY_FOLLOW_THE_END.has(event.type)) this.talks.set(event.callId, talk);
    return talk;
  }
}

/** A last file may be whole only after its call has ended; no call begins with that, and none goes on. */
const MAY_FOLLOW_THE_END: ReadonlySet<PublishedEvent['type']> = new Set<PublishedEvent['type']>([
  'call.recording',
]);

function remembering(memory: CallMemory, event: PublishedEvent): CallMemory {
  switch (event.type) {
    case 'call.started':
      return { ...memory, caller: event.data.from, dialled: event.data.to };
    case 'transfer.completed':
    case 'transfer.failed':
    case 'transfer.cancelled':
      return { ...memory, transferStatus: event.data.transferStatus };
    default:
      return memory;
  }
}
