import type { CallId, EventId } from '../../domain/ids.js';
import type { LossReason } from '../../ports/metrics.js';
import type { BotLink } from '../../ports/bot-links.js';
import { CallQueue } from './call-queue.js';
import { eventFrame } from './frames.js';
import type { DeliveryLimits } from './options.js';
import type { QueuedEvent } from './queued-event.js';

/** What a desk needs of the runtime around it. */
export interface DeskHost {
  readonly limits: DeliveryLimits;
  now(): number;
  after(ms: number, fire: () => void): () => void;
  delivered(event: QueuedEvent): void;
  lost(event: QueuedEvent, reason: LossReason): void;
  /** Whether the last event of a call has been published. */
  isOver(call: CallId): boolean;
  /** Takes events of a channel that no bot is connected for any more; `false`: there is no other way for them. */
  redirect(events: readonly QueuedEvent[]): boolean;
}

/** One call at the desk: who has it, and what that bot has not acknowledged. */
interface Seat {
  link: BotLink | null;
  readonly unacknowledged: CallQueue;
}

/**
 * The bots connected for one channel. Every call keeps its bot; new ones go round. What is sent stays here until the bot
 * acknowledges it, and is sent again, in order, when the call changes its bot.
 *
 * ```
 *   offer -> sent to the call's bot -> acknowledged, with all before it of the call
 *                 |                 -> its time is over: lost
 *                 +- bot gone -> another bot | the webhook | the next bot to connect
 * ```
 */
export class Desk {
  private readonly links: BotLink[] = [];
  private readonly seats = new Map<CallId, Seat>();
  /** Which call an event is of. */
  private readonly callOf = new Map<EventId, CallId>();
  private turn = 0;

  constructor(private readonly host: DeskHost) {}

  get staffed(): boolean {
    return this.links.length > 0;
  }

  /** Bots connected. */
  get staff(): number {
    return this.links.length;
  }

  /** `full`: the room of all receivers together is used up, so one of this call's events has to give way. */
  offer(event: QueuedEvent, full = false): void {
    const seat = this.seats.get(event.callId) ?? { link: this.nextLink(), unacknowledged: new CallQueue() };
    const queue = seat.unacknowledged;
    if (full || queue.size >= this.host.limits.perCall) {
      const given = queue.makeRoom();
      if (given === undefined) {
        this.host.lost(event, 'queue_full');
        return this.leave(event.callId, seat);
      }
      this.forget(given);
      this.host.lost(given, 'queue_full');
    }
    event.since = this.host.now();
    if (event.firstAt === 0) event.firstAt = event.since;
    queue.push(event);
    this.callOf.set(event.id, event.callId);
    this.seats.set(event.callId, seat);
    if (queue.size === 1) this.watch(event.callId, seat);
    if (seat.link !== null) this.send(seat.link, event);
  }

  /** A bot has connected: it is sent what has no bot. */
  attach(link: BotLink): void {
    this.links.push(link);
    for (const seat of this.seats.values()) {
      if (seat.link === null && this.links.includes(link)) this.seatWith(seat, link);
    }
  }

  /** A bot is gone; its calls go to another one, or another way. Harmless when it is gone already. */
  detach(link: BotLink): void {
    const at = this.links.indexOf(link);
    if (at === -1) return;
    this.links.splice(at, 1);
    const left = [...this.seats.values()].filter((seat) => seat.link === link);
    for (const seat of left) seat.link = null;
    for (const seat of left) {
      const next = this.nextLink();
      if (next !== null) this.seatWith(seat, next);
    }
    if (!this.staffed) this.closeDown();
  }

  /** The bot has taken an event, and with it everything told of the call before it. */
  acknowledge(id: EventId): void {
    const call = this.callOf.get(id);
    const seat = call === undefined ? undefined : this.seats.get(call);
    if (call === undefined || seat === undefined) return;
    const taken = seat.unacknowledged.takeUpTo(id);
    for (const event of taken) {
      this.forget(event);
      this.host.delivered(event);
    }
    this.advance(call, seat);
  }

  /** Sends text to a bot; one that does not read is cut off. */
  tell(link: BotLink, text: string): void {
    link.send(text);
    if (link.backlog() <= this.host.limits.backlogBytes) return;
    link.close('notReading');
    this.detach(link);
  }

  /** Gives up everything. */
  close(): void {
    for (const link of this.links.splice(0)) link.close('stopping');
    for (const seat of this.seats.values()) {
      seat.unacknowledged.cancelTimer();
      for (const event of seat.unacknowledged.clear()) this.host.lost(event, 'closed');
    }
    this.seats.clear();
    this.callOf.clear();
  }

  private nextLink(): BotLink | null {
    const link = this.links[this.turn % this.links.length];
    this.turn += 1;
    return link ?? null;
  }

  private seatWith(seat: Seat, link: BotLink): void {
    seat.link = link;
    for (const event of [...seat.unacknowledged.all()]) {
      // It may be cut off in the middle of it.
      if (seat.link === link) this.send(link, event);
    }
  }

  private send(link: BotLink, event: QueuedEvent): void {
    event.attempts += 1;
    event.lastAt = this.host.now();
    event.lastAnswer = null;
    this.tell(link, eventFrame(event));
  }

  /** Everything goes the other way where there is one; else it waits for the next bot to connect. */
  private closeDown(): void {
    for (const [call, seat] of [...this.seats]) {
      const events = seat.unacknowledged.all();
      if (events.length > 0 && !this.host.redirect([...events])) continue;
      seat.unacknowledged.cancelTimer();
      for (const event of seat.unacknowledged.clear()) this.forget(event);
      this.seats.delete(call);
    }
  }

  /** The first unacknowledged event of a call is given up when its time is over. */
  private watch(call: CallId, seat: Seat): void {
    const { head } = seat.unacknowledged;
    if (head === undefined) return;
    const left = head.since + this.host.limits.unacknowledgedMs - this.host.now();
    seat.unacknowledged.cancelTimer = this.host.after(Math.max(0, left), () => {
      seat.unacknowledged.shift();
      this.forget(head);
      this.host.lost(head, 'given_up');
      this.advance(call, seat);
    });
  }

  private advance(call: CallId, seat: Seat): void {
    seat.unacknowledged.cancelTimer();
    if (seat.unacknowledged.size > 0) this.watch(call, seat);
    else this.leave(call, seat);
  }

  private leave(call: CallId, seat: Seat): void {
    if (seat.unacknowledged.size === 0 && this.host.isOver(call)) this.seats.delete(call);
  }

  private forget(event: QueuedEvent): void {
    this.callOf.delete(event.id);
  }
}
