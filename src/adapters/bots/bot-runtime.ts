import { Agent } from 'undici';
import type { EventSink } from '../../domain/settings.js';
import type { BotRuntime, PublishedEvent } from '../../ports/bot-runtime.js';
import type { LossReason } from '../../ports/metrics.js';
import { bodyOf } from './dialects/body-of.js';
import { Endpoint, type EndpointHost } from './endpoint.js';
import { DELIVERY_LIMITS, type BotRuntimeOptions, type DeliveryLimits } from './options.js';
import { Outstanding } from './outstanding.js';
import { post, type Posted } from './post.js';
import type { QueuedEvent } from './queued-event.js';
import { retryDelay } from './retry-delay.js';
import { webhookHeaders } from './signature.js';

/** Events to bots by webhook (CONTRACT 4), with the promises of {@link BotRuntime}. */
export function createBotRuntime(options: BotRuntimeOptions): BotRuntime {
  return new WebhookRuntime(options, { ...DELIVERY_LIMITS, ...options.delivery });
}

class WebhookRuntime implements BotRuntime {
  private readonly endpoints = new Map<string, Endpoint>();
  private readonly outstanding = new Outstanding();
  private readonly agent: Agent;
  private closed = false;

  constructor(
    private readonly options: BotRuntimeOptions,
    private readonly limits: DeliveryLimits,
  ) {
    // Our own deadline covers a request whole, on the injected clock; undici's are switched off.
    this.agent = new Agent({
      connections: limits.concurrency,
      pipelining: 1,
      headersTimeout: 0,
      bodyTimeout: 0,
      connect: { timeout: 0 },
    });
  }

  listen(): void {
    // Event sinks have nothing to say.
  }

  publish(event: PublishedEvent): void {
    const sink = this.options.sink(event.channel);
    if (sink === null) return;
    const body = bodyOf(sink.dialect, event);
    if (body === null) return;
    const full = this.outstanding.size >= this.limits.overall;
    const queued = this.queued(event, sink, body);
    if (this.closed) this.lost(queued, 'closed');
    else this.endpoint(sink.url).offer(queued, full);
  }

  drain(ms: number): Promise<void> {
    return this.outstanding.settled((fire) => this.options.clock.after(ms, fire));
  }

  async close(): Promise<void> {
    this.closed = true;
    for (const endpoint of this.endpoints.values()) endpoint.close();
    await this.agent.destroy();
  }

  private queued(event: PublishedEvent, sink: EventSink, body: string): QueuedEvent {
    const { id, type, callId, channel } = event;
    const { secret } = sink;
    const ticket = this.outstanding.enter();
    return { id, type, callId, channel, secret, body: Buffer.from(body), ticket, attempts: 0, firstAt: 0 };
  }

  private endpoint(url: string): Endpoint {
    const known = this.endpoints.get(url);
    if (known !== undefined) return known;
    const made = new Endpoint(this.host(url));
    this.endpoints.set(url, made);
    return made;
  }

  private host(url: string): EndpointHost {
    const { clock, random, log } = this.options;
    return {
      limits: this.limits,
      send: (event) => this.send(url, event),
      retryIn: ({ attempts, firstAt }) =>
        retryDelay(attempts, clock.now() - firstAt, random.next(), this.limits),
      after: (ms, fire) => clock.after(ms, fire),
      delivered: (event) => this.outstanding.leave(event.ticket),
      lost: (event, reason, last) => this.lost(event, reason, last),
      retrying: (event, posted, delayMs) =>
        log.info(
          { ...named(event), ...posted, attempt: event.attempts, delayMs },
          'event not delivered, trying again',
        ),
      disabled: (event) =>
        log.error(
          named(event),
          'the endpoint answered 410: no event is sent there until the engine restarts',
        ),
    };
  }

  private async send(url: string, event: QueuedEvent): Promise<Posted> {
    const { clock, metrics } = this.options;
    const begun = clock.now();
    if (event.attempts === 0) event.firstAt = begun;
    event.attempts += 1;
    const headers = webhookHeaders(event.id, begun, event.body, event.secret);
    const posted = await post(this.agent, url, headers, event.body, clock, this.limits);
    metrics.eventDelivered(posted.result, (clock.now() - begun) / 1000);
    return posted;
  }

  private lost(event: QueuedEvent, reason: LossReason, last?: Posted): void {
    this.outstanding.leave(event.ticket);
    this.options.metrics.eventLost(reason);
    this.options.log.warn({ ...named(event), reason, ...last, attempts: event.attempts }, 'event lost');
  }
}

const named = ({ id, type, callId, channel }: QueuedEvent) => ({ eventId: id, type, callId, channel });
