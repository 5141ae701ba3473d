import { Agent } from 'undici';
import type { CallMemory } from '../../domain/call-memory.js';
import type { CallId } from '../../domain/ids.js';
import type { AttachedBot, BotLink, BotLinks } from '../../ports/bot-links.js';
import type { BotListener, BotRuntime, PublishedEvent } from '../../ports/bot-runtime.js';
import type { LossReason } from '../../ports/metrics.js';
import { Answers } from './answers.js';
import { Connection } from './connection.js';
import { Desk, type DeskHost } from './desk.js';
import { bodyOf } from './dialects/body-of.js';
import { Endpoint, type EndpointHost } from './endpoint.js';
import { DELIVERY_LIMITS, type BotRuntimeOptions, type BotSink, type DeliveryLimits } from './options.js';
import { Outstanding } from './outstanding.js';
import { post, type Posted, type PostedWithAnswer } from './post.js';
import type { QueuedEvent } from './queued-event.js';
import { retryDelay } from './retry-delay.js';
import { webhookHeaders } from './signature.js';
import { Talks } from './talk.js';

/** Events to bots and what they answer, by webhook or on the bot's own connection, with the promises of the ports. */
export function createBotRuntime(options: BotRuntimeOptions): BotRuntime & BotLinks {
  return new Runtime(options, { ...DELIVERY_LIMITS, ...options.delivery });
}

/**
 * ```
 *   publish -> dialect -> [desk of the channel]  while a bot is connected for it, or nothing else takes its events
 *                      -> [endpoint of the URL]  else
 * ```
 */
class Runtime implements BotRuntime, BotLinks {
  private readonly endpoints = new Map<string, Endpoint>();
  private readonly desks = new Map<string, Desk>();
  private readonly outstanding = new Outstanding();
  private readonly talks = new Talks();
  private readonly answers: Answers;
  private readonly agent: Agent;
  private closed = false;

  constructor(
    private readonly options: BotRuntimeOptions,
    private readonly limits: DeliveryLimits,
  ) {
    this.answers = new Answers(this.talks, options.replies, options.log);
    // Our own deadline covers a request whole, on the injected clock; undici's are switched off.
    this.agent = new Agent({
      connections: limits.concurrency,
      pipelining: 1,
      headersTimeout: 0,
      bodyTimeout: 0,
      connect: { timeout: 0 },
    });
  }

  listen(listener: BotListener): void {
    this.answers.listen(listener);
  }

  resume(call: CallId, channel: string, memory: CallMemory): void {
    this.talks.resume(call, channel, memory);
  }

  publish(event: PublishedEvent, question: number | null = null, settled = NOBODY_WAITS): void {
    const sink = this.options.sink(event.channel);
    if (sink === null) return queueMicrotask(settled);
    const talk = this.talks.hear(event);
    const body = bodyOf(sink, event, talk.memory);
    if (body === null) {
      if (question !== null) this.answers.wordless(event.callId, talk, question);
      return queueMicrotask(settled);
    }
    if (question !== null) talk.questions.ask(event.id, question);
    const full = this.outstanding.size >= this.limits.overall;
    const queued = this.queued(event, { question, settled }, sink, body);
    if (this.closed) this.lost(queued, 'closed');
    else this.receiver(sink.url, event).offer(queued, full);
  }

  drain(ms: number): Promise<void> {
    return this.outstanding.settled((fire) => this.options.clock.after(ms, fire));
  }

  async close(): Promise<void> {
    this.closed = true;
    for (const desk of this.desks.values()) desk.close();
    for (const endpoint of this.endpoints.values()) endpoint.close();
    await this.agent.destroy();
  }

  serves(channel: string): boolean {
    return !this.closed && this.options.sink(channel) !== null;
  }

  attach(channel: string, link: BotLink): AttachedBot {
    const desk = this.desk(channel);
    desk.attach(link);
    this.urlOf(channel)?.letGo();
    const converses = this.options.sink(channel)?.converses ?? false;
    const { talks, answers, limits } = this;
    const { log } = this.options;
    const maxBytes = limits.answerBytes;
    return new Connection(link, { channel, converses, talks, answers, desk, log, maxBytes });
  }

  /** What takes the next event of a call: where others of it wait, it queues behind them. */
  private receiver(url: string | null, { channel, callId }: PublishedEvent): Desk | Endpoint {
    const desk = this.desk(channel);
    if (url === null) return desk;
    const endpoint = this.endpoint(url);
    return desk.staffed && !endpoint.holds(callId) ? desk : endpoint;
  }

  private urlOf(channel: string): Endpoint | undefined {
    return this.endpoints.get(this.options.sink(channel)?.url ?? '');
  }

  private queued(
    event: PublishedEvent,
    asked: Pick<QueuedEvent, 'question' | 'settled'>,
    { secret }: BotSink,
    text: string,
  ): QueuedEvent {
    const { id, type, callId, channel, data } = event;
    const ticket = this.outstanding.enter();
    const body = Buffer.from(text);
    const transferId = 'transferId' in data ? data.transferId : null;
    const headers = this.options.headers?.(event) ?? {};
    const about = { id, type, callId, transferId, channel };
    return { ...about, ...asked, headers, secret, body, ticket, attempts: 0, firstAt: 0 };
  }

  private desk(channel: string): Desk {
    return made(this.desks, channel, () => new Desk(this.deskHost(channel)));
  }

  private endpoint(url: string): Endpoint {
    return made(this.endpoints, url, () => new Endpoint(this.endpointHost(url)));
  }

  private deskHost(channel: string): DeskHost {
    const { clock, metrics } = this.options;
    return {
      limits: this.limits,
      now: () => clock.now(),
      after: (ms, fire) => clock.after(ms, fire),
      isOver: (call: CallId) => this.talks.get(call) === undefined,
      delivered: (event) => {
        metrics.eventDelivered('delivered', (clock.now() - event.firstAt) / 1000, 'socket');
        this.arrived(event);
      },
      lost: (event, reason) => this.lost(event, reason),
      redirect: (events) => {
        const url = this.options.sink(channel)?.url ?? null;
        if (url === null) return false;
        for (const event of events) this.endpoint(url).offer(Object.assign(event, { attempts: 0 }));
        return true;
      },
    };
  }

  private endpointHost(url: string): EndpointHost {
    const { clock, random, log } = this.options;
    return {
      limits: this.limits,
      send: (event) => this.send(url, event),
      retryIn: ({ attempts, firstAt }) =>
        retryDelay(attempts, clock.now() - firstAt, random.next(), this.limits),
      after: (ms, fire) => clock.after(ms, fire),
      leaves: ({ channel }) => this.desk(channel).staffed,
      redirect: (events) => {
        for (const event of events) this.desk(event.channel).offer(event);
      },
      delivered: (event, { body }) => {
        if (event.question !== null) this.answers.fromWebhook(event, body);
        this.arrived(event);
      },
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

  private async send(url: string, event: QueuedEvent): Promise<PostedWithAnswer> {
    const { clock, metrics } = this.options;
    const begun = clock.now();
    if (event.firstAt === 0) event.firstAt = begun;
    event.attempts += 1;
    const { id, body, secret } = event;
    const headers = { ...event.headers, ...webhookHeaders(id, begun, body, secret) };
    const asks = event.question !== null;
    const posted = await post(this.agent, { url, headers, body, asks }, clock, this.limits);
    metrics.eventDelivered(posted.result, (clock.now() - begun) / 1000, asks ? 'question' : 'event');
    return posted;
  }

  private arrived(event: QueuedEvent): void {
    this.outstanding.leave(event.ticket);
    queueMicrotask(event.settled);
  }

  private lost(event: QueuedEvent, reason: LossReason, last?: Posted): void {
    this.outstanding.leave(event.ticket);
    this.options.metrics.eventLost(reason);
    this.options.log.warn({ ...named(event), reason, ...last, attempts: event.attempts }, 'event lost');
    if (reason === 'closed') return;
    queueMicrotask(event.settled);
    if (event.question !== null)
      this.answers.unreadable(event.callId, event.id, `the bot could not be told of it: ${reason}`);
  }
}

const NOBODY_WAITS = (): void => undefined;

function made<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  const known = map.get(key);
  if (known !== undefined) return known;
  const fresh = make();
  map.set(key, fresh);
  return fresh;
}

const named = ({ id, type, callId, transferId, channel }: QueuedEvent) => ({
  ...{ eventId: id, type, callId },
  ...(transferId !== null && { transferId }),
  channel,
});
