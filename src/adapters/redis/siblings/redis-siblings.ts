import { AppError } from '../../../errors.js';
import type { EngineId } from '../../../ports/call-book.js';
import { silentLog } from '../../../ports/log.js';
import type { Answerer, Siblings } from '../../../ports/siblings.js';
import { messageOf } from '../failures.js';
import { Link } from '../link.js';
import { REDIS_DEADLINES } from '../options.js';
import { Ears } from './ears.js';
import { engineChannel } from './keys.js';
import { errorOf, parseMessage, refusalOf, type Message } from './message.js';
import { OpenQuestions, unreachable } from './open-questions.js';
import {
  SIBLING_DEADLINES,
  SIBLING_LIMITS,
  type RedisSiblingsOptions,
  type SiblingLimits,
} from './options.js';
import { SelfTest } from './self-test.js';

/** Engines that ask each other by Redis pub/sub: a channel for each, on which it hears questions and answers. */
export function createRedisSiblings(options: RedisSiblingsOptions): Siblings {
  return new RedisSiblings(options);
}

class RedisSiblings implements Siblings {
  readonly engine: EngineId;
  private readonly limits: SiblingLimits;
  private readonly link: Link;
  private readonly ears: Ears;
  private readonly selfTest: SelfTest;
  private readonly open: OpenQuestions;
  private answering = 0;
  private answerer: Answerer | null = null;

  constructor(private readonly options: RedisSiblingsOptions) {
    const { engine, connection, clock } = options;
    this.engine = engine;
    this.limits = { ...SIBLING_LIMITS, ...options.limits };
    const deadlines = { ...REDIS_DEADLINES, ...SIBLING_DEADLINES, ...options.deadlines };
    // How Redis is doing is the store's to say, once for all.
    const metrics = { dependencyChanged: nothing, storeBacklog: nothing, storeWriteLost: nothing };
    this.link = new Link({ connection, clock, log: silentLog, metrics }, deadlines);
    this.ears = new Ears(connection, deadlines, clock, engineChannel(engine), (text) => this.hear(text));
    this.open = new OpenQuestions(clock, deadlines.answerMs);
    this.selfTest = new SelfTest({
      ...{ clock, everyMs: deadlines.selfTestMs, heardMs: deadlines.answerMs },
      speak: () => this.send(engine, { kind: 'selfTest' }),
      deaf: () => this.ears.reopen(),
    });
  }

  async start(answer: Answerer): Promise<void> {
    this.answerer = answer;
    this.ears.open();
    await this.link.start().catch((error: unknown) => {
      this.options.log.warn({ error }, 'other engines cannot be asked yet');
    });
    await this.selfTest.start();
  }

  ask(engine: EngineId, question: unknown): Promise<unknown> {
    if (this.open.size >= this.limits.open)
      return Promise.reject(unreachable(engine, 'cannot be asked: too many questions wait'));
    const id = this.options.random.uuid();
    const answer = this.open.add(id, engine);
    this.send(engine, { kind: 'question', id, from: this.engine, question }).then(
      (listeners) => {
        if (listeners === 0) this.open.refuse(id, 'is not there any more');
      },
      (error: unknown) => this.open.refuse(id, `cannot be asked: ${wordsOf(error)}`),
    );
    return answer;
  }

  async stop(): Promise<void> {
    this.answerer = null;
    this.selfTest.stop();
    this.open.refuseAll('was asked by an engine that is stopping');
    await this.ears.close();
    this.link.stop();
  }

  private hear(text: string): void {
    const message = parseMessage(text);
    switch (message?.kind) {
      case undefined:
        return this.options.log.warn({ bytes: text.length }, 'not a message of an engine of ours');
      case 'selfTest':
        return this.selfTest.heard();
      case 'question':
        return void this.answer(message);
      case 'answer':
        return this.open.answered(message.id, message.value);
      case 'refusal':
        return this.open.failed(message.id, errorOf(message.error));
    }
  }

  private async answer({ id, from, question }: Extract<Message, { kind: 'question' }>): Promise<void> {
    if (this.answerer === null) return;
    try {
      const value = await this.inTurn(() => this.answerer?.(question));
      await this.send(from, { kind: 'answer', id, value: value ?? null });
    } catch (error) {
      await this.send(from, refusalOf(id, this.appErrorOf(error))).catch((lost: unknown) =>
        this.options.log.warn({ error: lost, engine: from }, 'an engine did not get its answer'),
      );
    }
  }

  private async inTurn<T>(run: () => Promise<T> | undefined): Promise<T | undefined> {
    if (this.answering >= this.limits.open) throw unreachable(this.engine, 'is asked too much');
    this.answering += 1;
    try {
      return await run();
    } finally {
      this.answering -= 1;
    }
  }

  private appErrorOf(error: unknown): AppError {
    if (error instanceof AppError) return error;
    this.options.log.error({ error }, 'a question of another engine failed');
    return new AppError('internal', 'the engine of the call failed');
  }

  /** How many heard it; `null` where that cannot be known: a node of a cluster counts its own listeners only. */
  private async send(to: EngineId, message: Message): Promise<number | null> {
    const text = JSON.stringify(message);
    const bytes = Buffer.byteLength(text);
    if (bytes > this.limits.bytes) throw new AppError('internal', `the ${message.kind} is of ${bytes} bytes`);
    const listeners = await this.link.ask((commands) => commands.publish(engineChannel(to), text));
    return this.options.connection.kind === 'cluster' ? null : listeners;
  }
}

const nothing = (): void => undefined;

const wordsOf = (error: unknown): string => (error instanceof AppError ? error.detail : messageOf(error));
