import { asCallId, type CallId } from '../../domain/ids.js';
import { AppError } from '../../errors.js';
import type { AttachedBot, BotLink } from '../../ports/bot-links.js';
import type { Log } from '../../ports/log.js';
import type { Answers } from './answers.js';
import type { Desk } from './desk.js';
import { errorFrame, readFrame, warningFrame, type BotFrame } from './frames.js';
import type { Talks } from './talk.js';

export interface ConnectionHost {
  readonly channel: string;
  /** Its bot speaks by replies; one that speaks for itself only commands. */
  readonly converses: boolean;
  readonly talks: Talks;
  readonly answers: Answers;
  readonly desk: Desk;
  readonly log: Log;
  /** Of one message; a longer one is refused. */
  readonly maxBytes: number;
}

/** One connected bot: what it says is carried out, or answered with what is wrong about it. */
export class Connection implements AttachedBot {
  constructor(
    private readonly link: BotLink,
    private readonly host: ConnectionHost,
  ) {}

  received(text: string): void {
    let named: string | null = null;
    try {
      const { maxBytes } = this.host;
      if (Buffer.byteLength(text) > maxBytes)
        throw new AppError('payload_too_large', `the message is longer than ${maxBytes} bytes`);
      const frame = readFrame(text);
      if (frame.kind === 'reply') named = frame.callId;
      this.obey(frame);
    } catch (error) {
      this.complain(error, named);
    }
  }

  detached(): void {
    this.host.desk.detach(this.link);
  }

  private obey(frame: BotFrame): void {
    if (frame.kind === 'ack') this.host.desk.acknowledge(frame.event);
    else this.reply(frame);
  }

  private reply({ callId, inReplyTo, body }: Extract<BotFrame, { kind: 'reply' }>): void {
    const { talks, channel, converses, answers, desk } = this.host;
    const call = asCallId(callId);
    const talk = talks.get(call);
    if (talk?.channel !== channel)
      throw new AppError('call_not_found', `there is no call ${callId} of the channel ${channel}`);
    const answered = inReplyTo ?? talk.questions.latest();
    if (answered !== undefined) desk.acknowledge(answered);
    if (!converses) return this.command(call, body);
    const state = answered === undefined ? 'none' : talk.questions.state(answered);
    if (state === 'answered')
      return this.say(warningFrame(callId, `${answered} has its answer; this one is passed over`));
    // What comes with an event that asked nothing is said unasked.
    this.warn(call, answers.fromConnection(call, state === 'open' ? answered : undefined, body));
  }

  private command(call: CallId, body: unknown): void {
    this.host.answers.command(call, body).then(
      (ignored) => this.warn(call, ignored),
      (error: unknown) => this.complain(error, call),
    );
  }

  private warn(call: CallId, ignored: readonly string[]): void {
    if (ignored.length > 0) this.say(warningFrame(call, `passed over: ${ignored.join(', ')}`));
  }

  private complain(error: unknown, call: string | null): void {
    const known = error instanceof AppError ? error : new AppError('internal', 'it could not be carried out');
    if (known !== error) this.host.log.error({ err: error, callId: call }, 'message of a bot failed');
    this.say(errorFrame(known, call));
  }

  private say(text: string): void {
    this.host.desk.tell(this.link, text);
  }
}
