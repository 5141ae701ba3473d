import type { GivenReply } from '../../domain/reply.js';
import type { EventSink } from '../../domain/settings.js';
import type { PublishedEvent } from '../../ports/bot-runtime.js';
import type { Clock, Random } from '../../ports/clock.js';
import type { Log } from '../../ports/log.js';
import type { Metrics } from '../../ports/metrics.js';

/** Whom a channel's events are told to. */
export interface BotSink extends Omit<EventSink, 'url'> {
  /** `null`: nowhere but to bots that connect to us. */
  readonly url: string | null;
  /** The bot speaks by replies: it is told the dialogue with the caller too, where its dialect has words for it. */
  readonly converses: boolean;
}

export interface BotRuntimeOptions {
  /** Where a channel's events go; `null`: nowhere. */
  readonly sink: (channel: string) => BotSink | null;
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
  /** Attempts of one event; later events of the call wait behind it. */
  readonly attempts: number;
  /** From the first attempt of an event until it is given up: older news helps no bot. */
  readonly totalMs: number;
  readonly firstDelayMs: number;
  readonly maxDelayMs: number;
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
}

export const DELIVERY_LIMITS: DeliveryLimits = {
  requestTimeoutMs: 5_000,
  attempts: 10,
  totalMs: 300_000,
  firstDelayMs: 500,
  maxDelayMs: 30_000,
  concurrency: 32,
  perCall: 100,
  perEndpoint: 5_000,
  overall: 20_000,
  answerBytes: 65_536,
  backlogBytes: 262_144,
};
