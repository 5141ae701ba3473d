import type { CallId } from '../../domain/ids.js';
import type { LossReason } from '../../ports/metrics.js';
import { CallQueue } from './call-queue.js';
import type { DeliveryLimits } from './options.js';
import type { Posted, PostedWithAnswer } from './post.js';
import type { QueuedEvent } from './queued-event.js';

/** What an endpoint needs of the runtime around it. */
export interface EndpointHost {
  readonly limits: DeliveryLimits;
  /** One attempt; never rejects. */
  send(event: QueuedEvent): Promise<PostedWithAnswer>;
  /** Delay until the next attempt, `null` to give up. */
  retryIn(event: QueuedEvent): number | null;
  after(ms: number, fire: () => void): () => void;
  delivered(event: QueuedEvent, posted: PostedWithAnswer): void;
  /** Whether events of its channel go another way from now on. */
  leaves(event: QueuedEvent): boolean;
  /** Goes that way, in this order. */
  redirect(events: readonly QueuedEvent[]): void;
  lost(event: QueuedEvent, reason: LossReason, last?: Posted): void;
  retrying(event: QueuedEvent, posted: Posted, delayMs: number): void;
  disabled(event: QueuedEvent): void;
}

/**
 * One URL: a queue per call, and at most `concurrency` requests at once.
 *
 * ```
 *   offer -> [queue of its call] -> ready -> sending -> delivered | lost -> ready, when the call has more
 *                                     ^         |
 *                                     +- waiting+  failed; a waiting call holds no place
 * ```
 *
 * A call whose bot has connected to us leaves as soon as nothing of it is being sent.
 */
export class Endpoint {
  private readonly calls = new Map<CallId, CallQueue>();
  private readonly ready: CallQueue[] = [];
  private readonly sending = new Set<CallQueue>();
  private waiting = 0;
  private gone = false;
  private closed = false;

  constructor(private readonly host: EndpointHost) {}

  /** `full`: the room of all endpoints together is used up, so one of this call's events has to give way. */
  offer(event: QueuedEvent, full = false): void {
    if (this.gone || this.closed) return this.host.lost(event, this.gone ? 'endpoint_gone' : 'closed');
    const queue = this.calls.get(event.callId) ?? new CallQueue();
    const { perCall, perEndpoint } = this.host.limits;
    if (full || queue.size >= perCall || this.waiting >= perEndpoint) {
      const given = queue.makeRoom();
      if (given === undefined) return this.host.lost(event, 'queue_full');
      this.waiting -= 1;
      this.host.lost(given, 'queue_full');
    }
    queue.push(event);
    this.waiting += 1;
    if (queue.size > 1) return;
    this.calls.set(event.callId, queue);
    this.enqueue(queue);
  }

  /** Whether anything of a call waits here; what comes next of it has to queue behind that. */
  holds(call: CallId): boolean {
    return this.calls.has(call);
  }

  /** Lets the calls go that leave; those with an event on the wire follow when it has arrived or failed. */
  letGo(): void {
    for (const queue of [...this.calls.values()]) {
      if (!this.sending.has(queue)) this.moveOn(queue);
    }
  }

  /** Gives up everything. */
  close(): void {
    this.closed = true;
    this.giveUpAll('closed');
  }

  private enqueue(queue: CallQueue): void {
    this.ready.push(queue);
    this.fill();
  }

  private fill(): void {
    while (this.sending.size < this.host.limits.concurrency) {
      const queue = this.ready.shift();
      if (queue === undefined) return;
      void this.attempt(queue);
    }
  }

  private async attempt(queue: CallQueue): Promise<void> {
    const event = queue.head;
    if (event === undefined) return;
    this.sending.add(queue);
    const posted = await this.host.send(event);
    this.sending.delete(queue);
    // Given up meanwhile: by `close`, or because another request of the endpoint was answered 410.
    if (queue.head === event) this.conclude(queue, event, posted);
    this.fill();
  }

  private conclude(queue: CallQueue, event: QueuedEvent, posted: PostedWithAnswer): void {
    if (posted.result === 'delivered') {
      this.next(queue, event);
      this.host.delivered(event, posted);
      return;
    }
    if (posted.result === 'gone') {
      this.gone = true;
      this.host.disabled(event);
      this.giveUpAll('endpoint_gone');
      return;
    }
    if (this.moveOn(queue)) return;
    const { result, status } = posted;
    const delayMs = this.host.retryIn(event);
    if (delayMs === null) {
      this.host.lost(event, 'given_up', { result, status });
      this.next(queue, event);
      return;
    }
    this.host.retrying(event, { result, status }, delayMs);
    queue.cancelTimer = this.host.after(delayMs, () => this.enqueue(queue));
  }

  private next(queue: CallQueue, done: QueuedEvent): void {
    queue.shift();
    this.waiting -= 1;
    if (queue.size === 0) this.calls.delete(done.callId);
    else if (!this.moveOn(queue)) this.ready.push(queue);
  }

  /** @returns whether the call has left */
  private moveOn(queue: CallQueue): boolean {
    const { head } = queue;
    if (head === undefined || !this.host.leaves(head)) return false;
    queue.cancelTimer();
    this.calls.delete(head.callId);
    const at = this.ready.indexOf(queue);
    if (at !== -1) this.ready.splice(at, 1);
    const events = queue.clear();
    this.waiting -= events.length;
    this.host.redirect(events);
    return true;
  }

  private giveUpAll(reason: LossReason): void {
    for (const queue of this.calls.values()) {
      queue.cancelTimer();
      for (const event of queue.clear()) this.host.lost(event, reason);
    }
    this.calls.clear();
    this.ready.length = 0;
    this.waiting = 0;
  }
}
