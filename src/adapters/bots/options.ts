import type { GivenReply } from '../../domain/reply.js';
import type { EventSink } from '../../domain/settings.js';
import type { PublishedEvent } from '../../ports/bot-runtime.js';
import type { Clock, Random } from '../../ports/clock.js';
import type { DeadLetters } from '../../ports/dead-letters.js';
import type { EndpointSwitches } from '../../ports/endpoint-switches.js';
import type { Log } from '../../ports/log.js';
import type { Metrics } from '../../ports/metrics.js';

/** Whom a channel's events are told to. */
export interface BotSink extends Omit<EventSink, 'url'> {
  /** `null`: nowhere but to bots that connect to us. */
  readonly url: string | null;
  /** The bot speaks by replies: it is told the dialogue with the caller too, where its dialect has words for it. */
  readonly converses: boolean;
}

/** What is kept beyond this runtime's life. */
export interface Beyond {
  readonly letters: DeadLetters;
  readonly switches: EndpointSwitches;
  /** What is not settled at the end is told by another engine, and not lost. */
  readonly unsettledIsKept: boolean;
}

export interface BotRuntimeOptions {
  /** Where a channel's events go; `null`: nowhere. */
  readonly sink: (channel: string) => BotSink | null;
  /** All there are, whether they have a sink or not. */
  readonly channels: readonly string[];
  readonly beyond: Beyond;
  /**
   * Reads a bot's list of replies.
   *
   * @throws AppError naming what is wrong with it
   */
  readonly replies: (body: unknown) => readonly GivenReply[];
  readonly clock: Clock;
  readonly random: Pick<Random, 'next'>;
  readonly metrics: Pick<Metrics, 'eventDelivered' | 'eventLost'>;
  readonly log: Log;
  /** HTTP headers an event travels with, beside those of the signature. */
  readonly headers?: (event: PublishedEvent) => Readonly<Record<string, string>>;
  readonly delivery?: Partial<DeliveryLimits>;
}

/** Deadlines and bounds of delivery, each with its reason. */
export interface DeliveryLimits {
  /** One request, from connecting to the last byte of the answer. */
  readonly requestTimeoutMs: number;
  /**
   * Of an event that is refused (3xx, 4xx): its bot is there and says no, and will the next time. Later events of the
   * call wait behind it. One whose bot is down waits for {@link EventSink.retryForMs}.
   */
  readonly refusedForMs: number;
  /** An event on a WebSocket that its bot does not acknowledge; and how long it waits for a bot to connect. */
  readonly unacknowledgedMs: number;
  /** Of a dead letter that is sent again: somebody waits to see what comes of it. */
  readonly redeliverForMs: number;
  readonly firstDelayMs: number;
  /** A bot that was down is found to be up again by whatever is sent to it; what waited goes out then. */
  readonly maxDelayMs: number;
  /** Failures in a row after which an endpoint counts as down. */
  readonly downAfter: number;
  /** Requests at once to one endpoint. */
  readonly concurrency: number;
  /** Waiting events: of one call, of one endpoint, of all. One dead bot must not take the room of the others. */
  readonly perCall: number;
  readonly perEndpoint: number;
  readonly overall: number;
  /** Of an answer, or of a message on a connection; more is not read. */
  readonly answerBytes: number;
  /** What may wait in the socket of a bot that does not read; then it is cut off and its events go elsewhere. */
  readonly backlogBytes: number;
  /** Dead letters that wait for the store. */
  readonly unburied: number;
  /** Dead letters sent again at once. */
  readonly redeliverAtOnce: number;
  /** Between looks at which endpoints other engines have switched off or on. */
  readonly switchesMs: number;
}

export const DELIVERY_LIMITS: DeliveryLimits = {
  requestTimeoutMs: 5_000,
  refusedForMs: 300_000,
  unacknowledgedMs: 300_000,
  redeliverForMs: 60_000,
  firstDelayMs: 500,
  maxDelayMs: 600_000,
  downAfter: 5,
  concurrency: 32,
  perCall: 100,
  perEndpoint: 5_000,
  overall: 20_000,
  answerBytes: 65_536,
  backlogBytes: 262_144,
  unburied: 20_000,
  redeliverAtOnce: 50,
  switchesMs: 2_000,
};
