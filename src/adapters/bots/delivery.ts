import { Agent } from 'undici';
import type { CallId } from '../../domain/ids.js';
import type { BotLink } from '../../ports/bot-links.js';
import type { PublishedEvent } from '../../ports/bot-runtime.js';
import type { LossReason } from '../../ports/metrics.js';
import { Desk, type DeskHost } from './desk.js';
import { Endpoint, type EndpointHost } from './endpoint.js';
import { made } from './made.js';
import type { BotRuntimeOptions, BotSink, DeliveryLimits } from './options.js';
import { Outstanding } from './outstanding.js';
import { patienceWith } from './patience.js';
import { post, type AnswerBody, type PostedWithAnswer } from './post.js';
import { letterOf, named, type QueuedEvent } from './queued-event.js';
import { retryDelay } from './retry-delay.js';
import { webhookHeaders } from './signature.js';
import { Undeliverable } from './undeliverable.js';

/** What a delivery needs of the runtime around it. */
export interface DeliveryHost {
  /** The body a webhook answered a question with. */
  answered(event: QueuedEvent, body: AnswerBody): void;
  /** No answer can come to a question. */
  unanswered(event: QueuedEvent, problem: string): void;
  /** Whether the last event of a call has been published. */
  isOver(call: CallId): boolean;
  /** An endpoint was answered 410 by. */
  disabled(url: string, event: QueuedEvent): void;
  /** Whether nothing is sent to an endpoint. */
  isOff(url: string): boolean;
}

/** What is to be delivered. */
export type Outgoing = Pick<QueuedEvent, 'question' | 'patienceMs' | 'earlier' | 'ended'> & {
  readonly event: PublishedEvent;
  readonly sink: BotSink;
  readonly body: string;
};

/**
 * ```
 *   offer -> [desk of the channel]  while a bot is connected for it, or nothing else takes its events
 *         -> [endpoint of the URL]  else
 *                  -> delivered | with the dead letters
 * ```
 */
export class Delivery {
  private readonly endpoints = new Map<string, Endpoint>();
  private readonly desks = new Map<string, Desk>();
  private readonly outstanding = new Outstanding();
  private readonly undeliverable: Undeliverable;
  private readonly agent: Agent;
  private closed = false;

  constructor(
    private readonly options: BotRuntimeOptions,
    private readonly limits: DeliveryLimits,
    private readonly host: DeliveryHost,
  ) {
    const { clock, log, beyond } = options;
    this.undeliverable = new Undeliverable({ letters: beyond.letters, clock, log, limit: limits.unburied });
    // Our own deadline covers a request whole, on the injected clock; undici's are switched off.
    this.agent = new Agent({
      connections: limits.concurrency,
      pipelining: 1,
      headersTimeout: 0,
      bodyTimeout: 0,
      connect: { timeout: 0 },
    });
  }

  offer(outgoing: Outgoing): void {
    const full = this.outstanding.size >= this.limits.overall;
    const queued = this.queued(outgoing);
    if (this.closed) this.lost(queued, 'closed');
    else this.receiver(outgoing.sink.url, queued).offer(queued, full);
  }

  attach(channel: string, link: BotLink): Desk {
    const desk = this.desk(channel);
    desk.attach(link);
    this.endpoints.get(this.options.sink(channel)?.url ?? '')?.letGo();
    return desk;
  }

  /** Bots connected for a channel. */
  staffOf(channel: string): number {
    return this.desks.get(channel)?.staff ?? 0;
  }

  /** Events of a channel that are neither delivered nor given up. */
  waitingOf(channel: string): number {
    return this.outstanding.of(channel);
  }

  turn(url: string, off: boolean): void {
    const endpoint = this.endpoints.get(url);
    if (off) endpoint?.turnOff();
    else endpoint?.turnOn();
  }

  drain(ms: number): Promise<void> {
    return this.outstanding.settled((fire) => this.options.clock.after(ms, fire));
  }

  async close(): Promise<void> {
    this.closed = true;
    for (const desk of this.desks.values()) desk.close();
    for (const endpoint of this.endpoints.values()) endpoint.close();
    this.undeliverable.close();
    await this.agent.destroy();
  }

  /** What takes the next event of a call: where others of it wait, it queues behind them. */
  private receiver(url: string | null, { channel, callId }: QueuedEvent): Desk | Endpoint {
    const desk = this.desk(channel);
    if (url === null) return desk;
    const endpoint = this.endpoint(url);
    return desk.staffed && !endpoint.holds(callId) ? desk : endpoint;
  }

  private queued({ event, sink, body, ...rest }: Outgoing): QueuedEvent {
    const { id, type, callId, channel, data } = event;
    return {
      ...{ id, type, callId, channel, event, ...rest },
      transferId: 'transferId' in data ? data.transferId : null,
      headers: this.options.headers?.(event) ?? {},
      secret: sink.secret,
      body: Buffer.from(body),
      ticket: this.outstanding.enter(channel),
      ...{ attempts: 0, since: this.options.clock.now(), firstAt: 0, lastAt: 0, lastAnswer: null },
    };
  }

  private desk(channel: string): Desk {
    return made(this.desks, channel, () => new Desk(this.deskHost(channel)));
  }

  private endpoint(url: string): Endpoint {
    return made(this.endpoints, url, () => {
      const endpoint = new Endpoint(this.endpointHost(url));
      if (this.host.isOff(url)) endpoint.turnOff();
      return endpoint;
    });
  }

  private deskHost(channel: string): DeskHost {
    const { clock, metrics } = this.options;
    return {
      limits: this.limits,
      now: () => clock.now(),
      after: (ms, fire) => clock.after(ms, fire),
      isOver: (call) => this.host.isOver(call),
      delivered: (event) => {
        metrics.eventDelivered('delivered', (clock.now() - event.firstAt) / 1000, 'socket');
        this.arrived(event);
      },
      lost: (event, reason) => this.lost(event, reason),
      redirect: (events) => {
        const url = this.options.sink(channel)?.url ?? null;
        if (url === null) return false;
        const fresh = { attempts: 0, since: clock.now() };
        for (const event of events) this.endpoint(url).offer(Object.assign(event, fresh));
        return true;
      },
    };
  }

  private endpointHost(url: string): EndpointHost {
    const { clock, random, log } = this.options;
    return {
      limits: this.limits,
      send: (event) => this.send(url, event),
      retryIn: ({ attempts, since, patienceMs }, posted) =>
        retryDelay(attempts, clock.now() - since, random.next(), {
          ...this.limits,
          patienceMs: patienceWith(posted, patienceMs, this.limits),
        }),
      after: (ms, fire) => clock.after(ms, fire),
      leaves: ({ channel }) => this.desk(channel).staffed,
      redirect: (events) => {
        for (const event of events) this.desk(event.channel).offer(event);
      },
      delivered: (event, { body }) => {
        if (event.question !== null) this.host.answered(event, body);
        this.arrived(event);
      },
      lost: (event, reason) => this.lost(event, reason),
      retrying: (event, posted, delayMs) =>
        log.info(
          { ...named(event), ...posted, attempt: event.attempts, delayMs },
          'event not delivered, trying again',
        ),
      disabled: (event) => this.host.disabled(url, event),
    };
  }

  private async send(url: string, event: QueuedEvent): Promise<PostedWithAnswer> {
    const { clock, metrics } = this.options;
    const begun = clock.now();
    if (event.firstAt === 0) event.firstAt = begun;
    event.lastAt = begun;
    event.attempts += 1;
    const { id, body, secret } = event;
    const headers = { ...event.headers, ...webhookHeaders(id, begun, body, secret) };
    const asks = event.question !== null;
    const posted = await post(this.agent, { url, headers, body, asks }, clock, this.limits);
    event.lastAnswer = { result: posted.result, status: posted.status };
    metrics.eventDelivered(posted.result, (clock.now() - begun) / 1000, asks ? 'question' : 'event');
    return posted;
  }

  private arrived(event: QueuedEvent): void {
    this.outstanding.leave(event.ticket, event.channel);
    queueMicrotask(() => event.ended('delivered'));
  }

  private lost(event: QueuedEvent, reason: LossReason): void {
    const { attempts, lastAnswer, channel, ticket } = event;
    const { metrics, log, clock, beyond } = this.options;
    this.outstanding.leave(ticket, channel);
    if (reason === 'closed') {
      if (beyond.unsettledIsKept) return;
      metrics.eventLost(reason);
      log.warn({ ...named(event), reason, attempts }, 'event lost');
      return;
    }
    metrics.eventLost(reason);
    log.warn(
      { ...named(event), reason, ...lastAnswer, attempts },
      'event not delivered: it is with the dead letters',
    );
    const ended = (): void => event.ended('dead');
    // One that was sent again is there already; it is only brought up to date.
    if (event.earlier !== null) queueMicrotask(ended);
    const letter = letterOf(event, reason, clock.now());
    this.undeliverable.bury(letter, event.earlier === null ? ended : NOTHING_MORE);
    if (event.question !== null) this.host.unanswered(event, `the bot could not be told of it: ${reason}`);
  }
}

const NOTHING_MORE = (): void => undefined;
