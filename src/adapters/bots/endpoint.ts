import type { CallId } from '../../domain/ids.js';
import type { LossReason } from '../../ports/metrics.js';
import { CallQueue } from './call-queue.js';
import type { DeliveryLimits } from './options.js';
import type { Posted } from './post.js';
import type { QueuedEvent } from './queued-event.js';

/** What an endpoint needs of the runtime around it. */
export interface EndpointHost {
  readonly limits: DeliveryLimits;
  /** One attempt; never rejects. */
  send(event: QueuedEvent): Promise<Posted>;
  /** Delay until the next attempt, `null` to give up. */
  retryIn(event: QueuedEvent): number | null;
  after(ms: number, fire: () => void): () => void;
  delivered(event: QueuedEvent): void;
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
 */
export class Endpoint {
  private readonly calls = new Map<CallId, CallQueue>();
  private readonly ready: CallQueue[] = [];
  private sending = 0;
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
    while (this.sending < this.host.limits.concurrency) {
      const queue = this.ready.shift();
      if (queue === undefined) return;
      void this.attempt(queue);
    }
  }

  private async attempt(queue: CallQueue): Promise<void> {
    const event = queue.head;
    if (event === undefined) return;
    this.sending += 1;
    const posted = await this.host.send(event);
    this.sending -= 1;
    // Given up meanwhile: by `close`, or because another request of the endpoint was answered 410.
    if (queue.head === event) this.conclude(queue, event, posted);
    this.fill();
  }

  private conclude(queue: CallQueue, event: QueuedEvent, posted: Posted): void {
    if (posted.result === 'delivered') {
      this.host.delivered(event);
      this.next(queue, event);
      return;
    }
    if (posted.result === 'gone') {
      this.gone = true;
      this.host.disabled(event);
      this.giveUpAll('endpoint_gone');
      return;
    }
    const delayMs = this.host.retryIn(event);
    if (delayMs === null) {
      this.host.lost(event, 'given_up', posted);
      this.next(queue, event);
      return;
    }
    this.host.retrying(event, posted, delayMs);
    queue.cancelRetry = this.host.after(delayMs, () => this.enqueue(queue));
  }

  private next(queue: CallQueue, done: QueuedEvent): void {
    queue.shift();
    this.waiting -= 1;
    if (queue.size > 0) this.ready.push(queue);
    else this.calls.delete(done.callId);
  }

  private giveUpAll(reason: LossReason): void {
    for (const queue of this.calls.values()) {
      queue.cancelRetry();
      for (const event of queue.clear()) this.host.lost(event, reason);
    }
    this.calls.clear();
    this.ready.length = 0;
    this.waiting = 0;
  }
}
