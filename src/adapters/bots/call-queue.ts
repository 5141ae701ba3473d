import { isTerminal } from '../../domain/bot-event.js';
import type { QueuedEvent } from './queued-event.js';

/** What waits of one call for one endpoint, in order; the first is the one being delivered. */
export class CallQueue {
  private readonly events: QueuedEvent[] = [];
  /** Takes back the timer of a retry. */
  cancelRetry: () => void = () => undefined;

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
