import type { CallId, EventId } from '../../domain/ids.js';
import type { BotReply, GivenReply } from '../../domain/reply.js';
import { AppError } from '../../errors.js';
import type { BotListener } from '../../ports/bot-runtime.js';
import type { Log } from '../../ports/log.js';
import type { AnswerBody } from './post.js';
import type { QueuedEvent } from './queued-event.js';
import type { Talk, Talks } from './talk.js';

const NOBODY: BotListener = {
  replied: () => undefined,
  garbled: () => undefined,
  commanded: () => Promise.resolve(),
};

/**
 * Hands what bots answer to whoever listens, each answer once. Never from within `publish`: the listener may be in the
 * middle of the step that published.
 */
export class Answers {
  private listener = NOBODY;

  constructor(
    private readonly talks: Talks,
    private readonly parse: (body: unknown) => readonly GivenReply[],
    private readonly log: Log,
  ) {}

  listen(listener: BotListener): void {
    this.listener = listener;
  }

  /** The body a webhook answered an event with. */
  fromWebhook({ callId, id }: QueuedEvent, body: AnswerBody): void {
    try {
      this.take(callId, id, this.read(callId, body));
    } catch (error) {
      this.unreadable(callId, id, this.problem(callId, error));
    }
  }

  /**
   * What a connected bot says.
   *
   * @param replies as it came
   * @returns the types of replies that were passed over
   * @throws AppError when it cannot be understood; whoever was asked is told
   */
  fromConnection(callId: CallId, inReplyTo: EventId | undefined, replies: unknown): readonly string[] {
    try {
      const given = this.parse(replies);
      if (inReplyTo === undefined) later(() => this.listener.replied(callId, null, said(given)));
      else this.take(callId, inReplyTo, given);
      return ignored(given);
    } catch (error) {
      if (inReplyTo !== undefined) this.unreadable(callId, inReplyTo, this.problem(callId, error));
      throw error;
    }
  }

  /**
   * What a connected bot says that speaks to its caller itself: the first reply that takes the caller away is done.
   *
   * @param replies as it came
   * @returns the types of replies that were passed over
   * @throws AppError when it cannot be understood, or not be done
   */
  async command(callId: CallId, replies: unknown): Promise<readonly string[]> {
    const given = this.parse(replies);
    const at = given.findIndex(({ kind }) => kind === 'switch' || kind === 'hangup');
    const wish = given[at];
    if (wish?.kind === 'switch' || wish?.kind === 'hangup') await this.listener.commanded(callId, wish);
    return given.flatMap((reply, i) => (i === at ? [] : [typeOf(reply)]));
  }

  /** No answer can come to an event. */
  unreadable(callId: CallId, event: EventId, problem: string): void {
    const question = this.talks.get(callId)?.questions.answer(event, false);
    if (question !== undefined) later(() => this.listener.garbled(callId, question, problem));
  }

  /** The bot is not told an event that asks: it says nothing to it, unless another event asks the same. */
  wordless(callId: CallId, talk: Talk, question: number): void {
    if (!talk.questions.isOpen(question)) later(() => this.listener.replied(callId, question, []));
  }

  private take(callId: CallId, event: EventId, given: readonly GivenReply[]): void {
    const replies = said(given);
    const question = this.talks.get(callId)?.questions.answer(event, replies.length === 0);
    if (question !== undefined) later(() => this.listener.replied(callId, question, replies));
  }

  private read(callId: CallId, body: AnswerBody): readonly GivenReply[] {
    if (body === 'tooLong') throw new AppError('payload_too_large', 'the answer is longer than the limit');
    const text = body.toString('utf8').trim();
    if (text === '') return [];
    const given = this.parse(parsed(text));
    const types = ignored(given);
    if (types.length > 0) this.log.warn({ callId, types }, 'replies of these types are passed over');
    return given;
  }

  private problem(callId: CallId, error: unknown): string {
    if (error instanceof AppError) return error.detail;
    this.log.error({ callId, err: error }, 'the answer of a bot could not be read');
    return 'the answer could not be read';
  }
}

/** @throws AppError `malformed_json` */
export function parsed(text: string): unknown {
  try {
    return JSON.parse(text, withoutPrototype) as unknown;
  } catch (error) {
    throw error instanceof AppError ? error : new AppError('malformed_json', 'the answer is not JSON');
  }
}

/** A `__proto__` member is never meant and dangerous to whoever merges objects later. */
function withoutPrototype(key: string, value: unknown): unknown {
  if (key === '__proto__') throw new AppError('malformed_json', 'a member is named __proto__');
  return value;
}

const said = (given: readonly GivenReply[]): readonly BotReply[] =>
  given.filter((reply) => reply.kind !== 'ignored');

const ignored = (given: readonly GivenReply[]): readonly string[] => [
  ...new Set(given.flatMap((reply) => (reply.kind === 'ignored' ? [reply.type] : []))),
];

function typeOf(reply: GivenReply): string {
  if (reply.kind === 'ignored') return reply.type;
  if (reply.kind !== 'say') return reply.kind;
  return reply.message.text === undefined ? 'audio' : 'text';
}

const later = (run: () => void): void => queueMicrotask(run);
