import type { CallMemory } from '../../domain/call-memory.js';
import type { CallId, EventId } from '../../domain/ids.js';
import { AppError } from '../../errors.js';
import type { AttachedBot, BotLink, BotLinks } from '../../ports/bot-links.js';
import type { BotListener, BotRuntime, PublishedEvent } from '../../ports/bot-runtime.js';
import type { DeadLetter } from '../../ports/dead-letters.js';
import type { SwitchedOff } from '../../ports/endpoint-switches.js';
import type { BotState, Outbox } from '../../ports/outbox.js';
import { Answers } from './answers.js';
import { Connection } from './connection.js';
import { Delivery } from './delivery.js';
import { bodyOf } from './dialects/body-of.js';
import { DELIVERY_LIMITS, type BotRuntimeOptions, type BotSink, type DeliveryLimits } from './options.js';
import { named, type Ended, type QueuedEvent } from './queued-event.js';
import { Redelivery } from './redelivery.js';
import { Switches } from './switches.js';
import { Talks } from './talk.js';
import { withoutSecrets } from './without-secrets.js';

/** Events to bots and what they answer, by webhook or on the bot's own connection, with the promises of the ports. */
export interface Bots extends BotRuntime, BotLinks, Outbox {
  /** Finds out which endpoints are switched off; before the first event. */
  start(): Promise<void>;
}

export function createBotRuntime(options: BotRuntimeOptions): Bots {
  return new Runtime(options, { ...DELIVERY_LIMITS, ...options.delivery });
}

/** An event is put into the words of its bot here, and an answer into ours; between them is {@link Delivery}. */
class Runtime implements Bots {
  private readonly talks = new Talks();
  private readonly answers: Answers;
  private readonly delivery: Delivery;
  private readonly switches: Switches;
  private readonly redelivery: Redelivery;
  private closed = false;

  constructor(
    private readonly options: BotRuntimeOptions,
    private readonly limits: DeliveryLimits,
  ) {
    this.answers = new Answers(this.talks, options.replies, options.log);
    this.delivery = new Delivery(options, limits, {
      answered: (event, body) => this.answers.fromWebhook(event, body),
      unanswered: ({ callId, id }, problem) => this.answers.unreadable(callId, id, problem),
      isOver: (call) => this.talks.get(call) === undefined,
      disabled: (url, event) => this.turnOff(url, event),
      isOff: (url) => this.switches.off(url) !== null,
    });
    this.switches = this.switchesOf(options);
    this.redelivery = this.redeliveryOf(options);
  }

  start(): Promise<void> {
    return this.switches.start();
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
    const patienceMs = sink.retryForMs;
    this.delivery.offer({ event, sink, body, question, patienceMs, earlier: null, ended: settled });
  }

  drain(ms: number): Promise<void> {
    return this.delivery.drain(ms);
  }

  async close(): Promise<void> {
    this.closed = true;
    this.switches.stop();
    this.redelivery.stop();
    await this.delivery.close();
  }

  serves(channel: string): boolean {
    return !this.closed && this.options.sink(channel) !== null;
  }

  attach(channel: string, link: BotLink): AttachedBot {
    const desk = this.delivery.attach(channel, link);
    const converses = this.options.sink(channel)?.converses ?? false;
    const { talks, answers, limits } = this;
    const { log } = this.options;
    const maxBytes = limits.answerBytes;
    return new Connection(link, { channel, converses, talks, answers, desk, log, maxBytes });
  }

  bots(): readonly BotState[] {
    return this.options.channels.flatMap((channel) => {
      const sink = this.options.sink(channel);
      if (sink === null) return [];
      const { url, dialect } = sink;
      return {
        ...{ channel, url: url === null ? null : withoutSecrets(url), dialect },
        off: url === null ? null : this.switches.off(url),
        connected: this.delivery.staffOf(channel),
        waiting: this.delivery.waitingOf(channel),
      };
    });
  }

  async enable(channel: string): Promise<void> {
    const { url } = this.sinkOf(channel);
    if (url !== null) await this.switches.turnOn(url);
  }

  redeliver(event: EventId): Promise<void> {
    return this.redelivery.one(event);
  }

  async redeliverAll(channel: string | undefined): Promise<number> {
    const refusal = channel === undefined ? null : this.refusalOf(channel);
    if (refusal !== null) throw refusal;
    const count = await this.options.beyond.letters.count(channel);
    const channels = channel === undefined ? this.bots().map((bot) => bot.channel) : [channel];
    for (const one of channels) if (this.refusalOf(one) === null) this.redelivery.all(one);
    return count;
  }

  private switchesOf({ beyond, channels, sink, clock, log }: BotRuntimeOptions): Switches {
    return new Switches({
      store: beyond.switches,
      urls: [...new Set(channels.flatMap((channel) => sink(channel)?.url ?? []))],
      ...{ clock, log, everyMs: this.limits.switchesMs },
      changed: (url, off) => this.turned(url, off),
    });
  }

  private redeliveryOf({ beyond, clock, log }: BotRuntimeOptions): Redelivery {
    return new Redelivery({
      letters: beyond.letters,
      ...{ log, now: () => clock.now(), atOnce: this.limits.redeliverAtOnce },
      refusal: (channel) => this.refusalOf(channel),
      send: (letter, ended) => this.sendAgain(letter, ended),
    });
  }

  private sendAgain(letter: DeadLetter, ended: (how: Ended) => void): void {
    const { event, body } = letter;
    const sink = this.options.sink(event.channel);
    // A channel that was taken out of the configuration has nobody to be told.
    if (sink === null) return queueMicrotask(() => ended('dead'));
    const patienceMs = this.limits.redeliverForMs;
    this.delivery.offer({ event, sink, body, question: null, patienceMs, earlier: letter, ended });
  }

  private refusalOf(channel: string): AppError | null {
    const sink = this.options.sink(channel);
    if (sink === null) return new AppError('unknown_channel', `No events are told for "${channel}".`);
    const off = sink.url === null ? null : this.switches.off(sink.url);
    if (off === null || this.delivery.staffOf(channel) > 0) return null;
    return new AppError('endpoint_off', `The endpoint of "${channel}" is switched off: ${off.why}.`);
  }

  private sinkOf(channel: string): BotSink {
    const sink = this.options.sink(channel);
    if (sink !== null) return sink;
    throw new AppError('unknown_channel', `No events are told for "${channel}".`);
  }

  private turnOff(url: string, event: QueuedEvent): void {
    const since = new Date(this.options.clock.now()).toISOString();
    this.switches.turnOff(url, { since, why: `it answered 410 to ${event.id}` });
    this.options.log.error(
      named(event),
      'the endpoint answered 410: no event is sent there until it is enabled',
    );
  }

  private turned(url: string, off: SwitchedOff | null): void {
    this.delivery.turn(url, off !== null);
    const endpoint = withoutSecrets(url);
    if (off === null) this.options.log.info({ url: endpoint }, 'the endpoint is switched on');
    else this.options.log.warn({ url: endpoint, ...off }, 'the endpoint is switched off');
  }
}

const NOBODY_WAITS = (): void => undefined;
