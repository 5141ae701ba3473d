import type { BotEvent } from '../domain/bot-event.js';
import type { CallMemory } from '../domain/call-memory.js';
import type { CallId, EventId } from '../domain/ids.js';
import type { BotReply } from '../domain/reply.js';

/** A bot event with everything the wire needs; what the event log keeps and replays. */
export type PublishedEvent = BotEvent & {
  readonly id: EventId;
  /** 1, 2, 3 ... within a call. */
  readonly seq: number;
  /** ISO 8601, UTC, milliseconds. */
  readonly time: string;
  readonly callId: CallId;
  readonly channel: string;
};

/**
 * Tells bots what happened. In order per call, at least once, the same id on every retry; never blocks a call:
 * `publish` returns at once and a bot that is slow or down costs memory up to a limit, not time. What cannot be
 * delivered is put with the dead letters, where an operator finds it.
 */
export interface BotRuntime {
  /** Who is told what script bots answer; set once, before the first event. */
  listen(listener: BotListener): void;
  /**
   * `question`: the call's own number for a decision it waits for; it comes back with the answer. `null`: nothing is
   * asked, and nothing in the answer is carried out.
   *
   * `settled` is called once, never from within: the event is delivered, or with the dead letters, or nobody is to be
   * told it. It is not called when the runtime is closed before; then the event is another engine's to publish, with
   * the same id.
   */
  publish(event: PublishedEvent, question?: number | null, settled?: () => void): void;
  /**
   * A call that another engine had goes on here: what its bot has been told of it so far. To be called before any of
   * its events is published; one that is published again changes nothing in it.
   */
  resume(call: CallId, channel: string, memory: CallMemory): void;
  /** Resolves when everything published so far is delivered or given up, or after `ms`. */
  drain(ms: number): Promise<void>;
  close(): Promise<void>;
}

/** What bots want. */
export interface BotListener {
  /** The answer to a question, possibly empty; `question: null`: said unasked, on the WebSocket. */
  replied(callId: CallId, question: number | null, replies: readonly BotReply[]): void;
  /** An answer that cannot be understood, and why: nothing of it is carried out. */
  garbled(callId: CallId, question: number | null, problem: string): void;
  /**
   * What a bot that speaks for itself wants done with its caller, said on the WebSocket. Rejects with an `AppError` as
   * a command by HTTP does.
   */
  commanded(callId: CallId, wish: Exclude<BotReply, { kind: 'say' }>): Promise<void>;
}
