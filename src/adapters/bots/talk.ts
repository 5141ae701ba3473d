import { NOTHING_TOLD, remembering, type CallMemory } from '../../domain/call-memory.js';
import type { CallId } from '../../domain/ids.js';
import type { PublishedEvent } from '../../ports/bot-runtime.js';
import { Questions } from './questions.js';

/** One call and its bot. */
export class Talk {
  readonly questions = new Questions();
  constructor(
    readonly channel: string,
    public memory: CallMemory = NOTHING_TOLD,
  ) {}
}

/** Every call that bots are told of, from its first event to its last. */
export class Talks {
  private readonly talks = new Map<CallId, Talk>();

  get(call: CallId): Talk | undefined {
    return this.talks.get(call);
  }

  /** A talk that another engine had. */
  resume(call: CallId, channel: string, memory: CallMemory): void {
    this.talks.set(call, new Talk(channel, memory));
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
