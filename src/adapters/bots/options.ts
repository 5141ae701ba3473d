import type { EventSink } from '../../domain/settings.js';
import type { Clock, Random } from '../../ports/clock.js';
import type { Log } from '../../ports/log.js';
import type { Metrics } from '../../ports/metrics.js';

export interface BotRuntimeOptions {
  /** Where a channel's events go; `null`: nowhere. */
  readonly sink: (channel: string) => EventSink | null;
  readonly clock: Clock;
  readonly random: Pick<Random, 'next'>;
  readonly metrics: Pick<Metrics, 'eventDelivered' | 'eventLost'>;
  readonly log: Log;
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
  /** Of an answer's body; more is not read. */
  readonly answerBytes: number;
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
};
