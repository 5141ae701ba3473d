import type { TransferCommand } from '../domain/command.js';
import type { CallId, TransferId } from '../domain/ids.js';
import type { BotReply } from '../domain/reply.js';
import { AppError } from '../errors.js';
import type { CallView, Control, DryRun, OnceKey, TransferStarted } from '../ports/control.js';
import type { LadderEntry } from '../ports/ladder.js';
import type { Once } from './once.js';

/** What an engine can say and do about its own calls, at once. */
export interface LocalControl extends Pick<
  Control,
  | 'dryRun'
  | 'cancelTransfer'
  | 'bringBack'
  | 'closeSession'
  | 'hangup'
  | 'record'
  | 'simulatePolicy'
  | 'readiness'
  | 'hasChannel'
> {
  calls(): readonly CallView[];
  call(id: CallId): CallView | undefined;
  ladder(id: CallId): readonly LadderEntry[] | undefined;
  /** Whether the transfer has no verdict yet and its call is here. */
  hasPending(id: TransferId): boolean;
  transfer(id: CallId, command: TransferCommand): Promise<TransferStarted>;
  reply(id: CallId, replies: readonly BotReply[]): Promise<boolean>;
}

/** What engines ask each other. Everything in it survives JSON, which is why nothing is `undefined`. */
export interface Answers {
  readonly calls: () => Promise<readonly CallView[]>;
  readonly call: (id: CallId) => Promise<CallView | null>;
  readonly ladder: (id: CallId) => Promise<readonly LadderEntry[] | null>;
  readonly transfer: (id: CallId, command: TransferCommand, once: OnceKey | null) => Promise<TransferStarted>;
  readonly dryRun: (id: CallId, command: TransferCommand) => Promise<DryRun>;
  readonly cancelTransfer: (call: CallId, id: TransferId) => Promise<null>;
  readonly bringBack: (call: CallId, id: TransferId) => Promise<null>;
  readonly closeSession: (call: CallId, id: TransferId) => Promise<boolean>;
  readonly hangup: (id: CallId) => Promise<null>;
  readonly record: (id: CallId, action: 'pause' | 'resume' | 'stop') => Promise<null>;
  readonly reply: (id: CallId, replies: readonly BotReply[], once: OnceKey | null) => Promise<boolean>;
}

export type Question = { [K in keyof Answers]: { ask: K; args: Parameters<Answers[K]> } }[keyof Answers];
/** Those about one call, which they name first. */
export type CallQuestion = Exclude<Question, { ask: 'calls' }>;
export type AnswerTo<Q extends Question> = Awaited<ReturnType<Answers[Q['ask']]>>;

/** This engine's answers, to itself and to others alike. */
export function answersOf(local: LocalControl, once: Once): Answers {
  return {
    calls: () => Promise.resolve(local.calls()),
    call: (id) => Promise.resolve(local.call(id) ?? null),
    ladder: (id) => Promise.resolve(local.ladder(id) ?? null),
    transfer: (id, command, key) =>
      once.run(`transfer:${id}`, key ?? undefined, () => local.transfer(id, command)),
    dryRun: (id, command) => local.dryRun(id, command),
    cancelTransfer: (_call, id) => local.cancelTransfer(id).then(done),
    bringBack: (call, id) => local.bringBack(call, id).then(done),
    closeSession: (call, id) => local.closeSession(call, id),
    hangup: (id) => local.hangup(id).then(done),
    record: (id, action) => local.record(id, action).then(done),
    reply: (id, replies, key) => once.run(`reply:${id}`, key ?? undefined, () => local.reply(id, replies)),
  };
}

const done = (): null => null;

/** @throws AppError `not_supported`: the question of an engine of another version */
export function answer(answers: Answers, question: unknown): Promise<unknown> {
  const { ask, args } = question as Question; // by another engine of ours, in JSON
  if (!Object.hasOwn(answers, ask))
    return Promise.reject(new AppError('not_supported', `an engine of another version asks "${ask}"`));
  // Which arguments belong to which question is known to whoever asks: `Question` says so.
  const run = answers[ask] as (...args: readonly unknown[]) => Promise<unknown>;
  return run(...args);
}
