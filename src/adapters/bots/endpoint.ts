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
  retryIn(event: QueuedEvent, posted: Posted): number | null;
  after(ms: number, fire: () => void): () => void;
  delivered(event: QueuedEvent, posted: PostedWithAnswer): void;
  /** Whether events of its channel go another way from now on. */
  leaves(event: QueuedEvent): boolean;
  /** Goes that way, in this order. */
  redirect(events: readonly QueuedEvent[]): void;
  lost(event: QueuedEvent, reason: LossReason): void;
  retrying(event: QueuedEvent, posted: Posted, delayMs: number): void;
  /** It was answered 410. */
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
 * A call whose bot has connected to us leaves as soon as nothing of it is being sent. News goes before what has failed
 * before: a bot that is down holds up no question asked now. When it is up again, nothing waits for its time to come.
 */
export class Endpoint {
  private readonly calls = new Map<CallId, CallQueue>();
  private readonly ready: CallQueue[] = [];
  /** The same for calls whose first event has failed before. */
  private readonly again: CallQueue[] = [];
  private readonly delayed = new Set<CallQueue>();
  private readonly sending = new Set<CallQueue>();
  private waiting = 0;
  private failuresInRow = 0;
  private off = false;
  private closed = false;

  constructor(private readonly host: EndpointHost) {}

  /** `full`: the room of all endpoints together is used up, so one of this call's events has to give way. */
  offer(event: QueuedEvent, full = false): void {
    if (this.off || this.closed) return this.host.lost(event, this.off ? 'endpoint_gone' : 'closed');
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

  /** Nothing is sent any more; what waits is given up. */
  turnOff(): void {
    this.off = true;
    this.giveUpAll('endpoint_gone');
  }

  turnOn(): void {
    this.off = false;
  }

  /** Gives up everything. */
  close(): void {
    this.closed = true;
    this.giveUpAll('closed');
  }

  private enqueue(queue: CallQueue): void {
    this.lineUp(queue);
    this.fill();
  }

  private lineUp(queue: CallQueue): void {
    this.delayed.delete(queue);
    (queue.head?.attempts === 0 ? this.ready : this.again).push(queue);
  }

  private fill(): void {
    while (this.sending.size < this.host.limits.concurrency) {
      const queue = this.ready.shift() ?? this.again.shift();
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
      this.succeeded();
      return;
    }
    this.failuresInRow += 1;
    if (posted.result === 'gone') {
      this.host.disabled(event);
      this.turnOff();
      return;
    }
    if (!this.moveOn(queue)) this.failed(queue, event, posted);
  }

  private failed(queue: CallQueue, event: QueuedEvent, { result, status }: Posted): void {
    const delayMs = this.host.retryIn(event, { result, status });
    if (delayMs === null) {
      this.host.lost(event, 'given_up');
      this.next(queue, event);
      return;
    }
    this.host.retrying(event, { result, status }, delayMs);
    this.delayed.add(queue);
    queue.cancelTimer = this.host.after(delayMs, () => this.enqueue(queue));
  }

  private succeeded(): void {
    const wasDown = this.failuresInRow >= this.host.limits.downAfter;
    this.failuresInRow = 0;
    if (!wasDown) return;
    for (const queue of [...this.delayed]) {
      queue.cancelTimer();
      this.lineUp(queue);
    }
  }

  private next(queue: CallQueue, done: QueuedEvent): void {
    queue.shift();
    this.waiting -= 1;
    if (queue.size === 0) this.calls.delete(done.callId);
    else if (!this.moveOn(queue)) this.lineUp(queue);
  }

  /** @returns whether the call has left */
  private moveOn(queue: CallQueue): boolean {
    const { head } = queue;
    if (head === undefined || !this.host.leaves(head)) return false;
    queue.cancelTimer();
    this.calls.delete(head.callId);
    this.delayed.delete(queue);
    for (const list of [this.ready, this.again]) {
      const at = list.indexOf(queue);
      if (at !== -1) list.splice(at, 1);
    }
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
    this.delayed.clear();
    this.ready.length = 0;
    this.again.length = 0;
    this.waiting = 0;
  }
}
