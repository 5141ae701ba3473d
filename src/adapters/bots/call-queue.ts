import { isTerminal } from '../../domain/bot-event.js';
import type { EventId } from '../../domain/ids.js';
import type { QueuedEvent } from './queued-event.js';

/** What waits of one call for one receiver, in order; the first is the one being delivered. */
export class CallQueue {
  private readonly events: QueuedEvent[] = [];
  /** Takes back the timer of the first event: its retry, or the end of its time. */
  cancelTimer: () => void = () => undefined;

  get head(): QueuedEvent | undefined {
    return this.events[0];
  }

  get size(): number {
    return this.events.length;
  }

  push(event: QueuedEvent): void {
    this.events.push(event);
  }

  shift(): void {
    this.events.shift();
  }

  /** Takes off the queue everything up to this event; nothing when it is not in it. */
  takeUpTo(id: EventId): readonly QueuedEvent[] {
    return this.events.splice(0, this.events.findIndex((event) => event.id === id) + 1);
  }

  /** A look at all of it. */
  all(): readonly QueuedEvent[] {
    return this.events;
  }

  /** Empties the queue. */
  clear(): readonly QueuedEvent[] {
    return this.events.splice(0);
  }

  /**
   * Gives up one waiting event for a newer one: the oldest that is not a verdict, since "exactly one outcome" is
   * what a bot cannot do without. The first may be on the wire and stays.
   */
  makeRoom(): QueuedEvent | undefined {
    const at = this.events.findIndex((event, i) => i > 0 && !isTerminal(event.type));
    return at === -1 ? undefined : this.events.splice(at, 1)[0];
  }
}
