import type { TransferCommand } from '../domain/command.js';
import type { CallId, TransferId } from '../domain/ids.js';
import type { BotReply } from '../domain/reply.js';
import type { PolicySimulation } from '../domain/simulate-policy.js';
import { AppError } from '../errors.js';
import type { CallBook, EngineId } from '../ports/call-book.js';
import type { Clock } from '../ports/clock.js';
import type { CallList, CallView, Control, OnceKey } from '../ports/control.js';
import type { LadderEntry } from '../ports/ladder.js';
import type { Siblings } from '../ports/siblings.js';
import type { Store } from '../ports/store.js';
import { Once } from './once.js';
import {
  answer,
  answersOf,
  type Answers,
  type AnswerTo,
  type CallQuestion,
  type LocalControl,
  type Question,
} from './questions.js';

export interface SharedControlParts {
  readonly siblings: Siblings;
  readonly book: Pick<CallBook, 'engineOf' | 'engines'>;
  readonly store: Pick<Store, 'getTransfer'>;
  readonly clock: Pick<Clock, 'now'>;
}

/**
 * What people and bots may ask of any engine, about any call: a call of our own is asked here, without a detour;
 * for any other the book says whose it is, and that engine is asked.
 */
export class SharedControl implements Control {
  private readonly answers: Answers;

  constructor(
    private readonly local: LocalControl,
    private readonly parts: SharedControlParts,
  ) {
    this.answers = answersOf(local, new Once(parts.clock));
  }

  /** From now on other engines' questions are answered. */
  start(): Promise<void> {
    return this.parts.siblings.start((question) => answer(this.answers, question));
  }

  async calls(): Promise<CallList> {
    const others = await this.others();
    if (others instanceof Error)
      return { items: this.local.calls(), partial: [{ engine: null, detail: detailOf(others) }] };
    const partial: { engine: EngineId; detail: string }[] = [];
    const lists = await Promise.all(
      others.map((engine) =>
        this.askEngine(engine, { ask: 'calls', args: [] }).catch((error: unknown) => {
          partial.push({ engine, detail: detailOf(error) });
          return [];
        }),
      ),
    );
    // A call that changes hands just now may be on two lists: ours is the surer one.
    const byId = new Map([...lists.flat(), ...this.local.calls()].map((call) => [call.callId, call]));
    return { items: [...byId.values()].sort(oldestFirst), partial };
  }

  async call(id: CallId): Promise<CallView | undefined> {
    return (await this.atOwner({ ask: 'call', args: [id] })) ?? undefined;
  }

  /** The ladder of a call that has ended is still with the engine that had it, which nobody has written down. */
  async ladder(id: CallId): Promise<readonly LadderEntry[] | undefined> {
    const found = this.local.ladder(id) ?? (await this.atOwner({ ask: 'ladder', args: [id] }));
    if (found !== null) return found;
    const others = await this.others();
    if (others instanceof Error) throw others;
    const ladders = await Promise.all(
      others.map((engine) => this.askEngine(engine, { ask: 'ladder', args: [id] }).catch(() => null)),
    );
    return ladders.find((ladder) => ladder !== null);
  }

  transfer(id: CallId, command: TransferCommand, once?: OnceKey) {
    return this.atOwner({ ask: 'transfer', args: [id, command, once ?? null] });
  }

  dryRun(id: CallId, command: TransferCommand) {
    return this.atOwner({ ask: 'dryRun', args: [id, command] });
  }

  async cancelTransfer(id: TransferId): Promise<void> {
    if (this.local.hasPending(id)) return this.local.cancelTransfer(id);
    const record = await this.parts.store.getTransfer(id);
    // What is over, or never was, any engine can say as well.
    if (record === undefined || record.state !== 'pending') return this.local.cancelTransfer(id);
    await this.atOwner({ ask: 'cancelTransfer', args: [record.callId, id] });
  }

  async bringBack(call: CallId, id: TransferId): Promise<void> {
    await this.atOwner({ ask: 'bringBack', args: [call, id] });
  }

  closeSession(call: CallId, id: TransferId): Promise<boolean> {
    return this.atOwner({ ask: 'closeSession', args: [call, id] });
  }

  async hangup(id: CallId): Promise<void> {
    await this.atOwner({ ask: 'hangup', args: [id] });
  }

  async record(id: CallId, action: 'pause' | 'resume' | 'stop'): Promise<void> {
    await this.atOwner({ ask: 'record', args: [id, action] });
  }

  reply(id: CallId, replies: readonly BotReply[], once?: OnceKey): Promise<boolean> {
    return this.atOwner({ ask: 'reply', args: [id, replies, once ?? null] });
  }

  simulatePolicy(channel: string, simulation: PolicySimulation) {
    return this.local.simulatePolicy(channel, simulation);
  }

  readiness() {
    return this.local.readiness();
  }

  hasChannel(id: string): boolean {
    return this.local.hasChannel(id);
  }

  /** A call may change hands between the look into the book and the question: then it is looked for once more. */
  private async atOwner<Q extends CallQuestion>(question: Q): Promise<AnswerTo<Q>> {
    const [id] = question.args;
    if (this.local.call(id) !== undefined) return this.here(question);
    const owner = await this.parts.book.engineOf(id);
    if (owner === null || owner === this.parts.siblings.engine) return this.here(question);
    try {
      return await this.askEngine(owner, question);
    } catch (error) {
      if (!isGone(error)) throw error;
      const next = await this.parts.book.engineOf(id);
      if (next === null || next === owner) throw error;
      return next === this.parts.siblings.engine ? this.here(question) : this.askEngine(next, question);
    }
  }

  private async here<Q extends Question>(question: Q): Promise<AnswerTo<Q>> {
    return (await answer(this.answers, question)) as AnswerTo<Q>; // of its own method, by the types of `Answers`
  }

  private async askEngine<Q extends Question>(engine: EngineId, question: Q): Promise<AnswerTo<Q>> {
    return (await this.parts.siblings.ask(engine, question)) as AnswerTo<Q>; // by `answer`, of an engine of ours
  }

  /** Engines with a lease but this one; or why they cannot be known. */
  private async others(): Promise<readonly EngineId[] | Error> {
    try {
      const all = await this.parts.book.engines();
      return all.filter((engine) => engine !== this.parts.siblings.engine);
    } catch (error) {
      if (error instanceof AppError) return error;
      throw error;
    }
  }
}

const oldestFirst = (a: CallView, b: CallView): number => a.startedAt.localeCompare(b.startedAt);

const isGone = (error: unknown): boolean =>
  error instanceof AppError && (error.code === 'call_not_found' || error.code === 'engine_unreachable');

const detailOf = (error: unknown): string => (error instanceof AppError ? error.detail : 'it failed');
