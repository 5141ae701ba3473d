import { acceptsReturn, acceptsTransfer, pendingTransfer, type Call } from '../domain/call.js';
import type { TransferCommand } from '../domain/command.js';
import type { BotReply } from '../domain/reply.js';
import type { CallId, TransferId } from '../domain/ids.js';
import { explainPlan } from '../domain/routing/layers.js';
import { simulateChannel, type PolicySimulation, type SimulatedStep } from '../domain/simulate-policy.js';
import { AppError } from '../errors.js';
import type { CallView, DryRun, Readiness, TransferStarted } from '../ports/control.js';
import type { LadderEntry } from '../ports/ladder.js';
import type { Admitter } from './admitter.js';
import { dryRunOf } from './dry-run.js';
import { mediaHealth } from './media-health.js';
import type { EngineParts } from './parts.js';
import type { Planner, PlanProblem } from './planner.js';
import type { LocalControl } from './questions.js';
import { askingOf, type LiveCall, type Registry } from './registry.js';
import { signallingHealth } from './signalling-health.js';
import type { Trunks } from './trunks.js';

/** What people and bots may ask about the calls of this engine, checked against the call as it is at this moment. */
export class Controller implements LocalControl {
  /** Where the SIP server takes calls, once it has said so. */
  listening: readonly string[] = [];

  constructor(
    private readonly parts: EngineParts,
    private readonly registry: Registry,
    private readonly admitter: Admitter,
    private readonly planner: Planner,
    private readonly trunks: Pick<Trunks, 'rows' | 'details'>,
  ) {}

  calls(): readonly CallView[] {
    return this.registry.all().map((live) => this.view(live));
  }

  call(id: CallId): CallView | undefined {
    const live = this.registry.get(id);
    return live === undefined ? undefined : this.view(live);
  }

  hasPending(id: TransferId): boolean {
    return this.registry.withPending(id) !== undefined;
  }

  ladder(id: CallId): readonly LadderEntry[] | undefined {
    return this.registry.ladder(id);
  }

  hasChannel(id: string): boolean {
    return this.parts.settings.channels.has(id);
  }

  readiness(): Readiness {
    const { signalling, media, store, places } = this.parts;
    const engine = this.admitter.isClosed ? 'draining' : 'up';
    const sip = signallingHealth(signalling);
    const heard = media === null ? null : mediaHealth(media);
    const kept = store.health();
    const limits = places.health();
    return {
      ready: sip.word !== 'down' && engine === 'up' && heard?.word !== 'down',
      dependencies: {
        ...{ engine, signalling: sip.word },
        ...(heard === null ? {} : { media: heard.word }),
        store: kept.word,
        ...(limits === null ? {} : { limits: limits.word }),
        ...this.trunks.rows(),
      },
      details: {
        ...(sip.detail === null ? {} : { signalling: sip.detail }),
        ...(heard?.detail == null ? {} : { media: heard.detail }),
        ...(kept.detail === null ? {} : { store: kept.detail }),
        ...(limits?.detail == null ? {} : { limits: limits.detail }),
        ...this.trunks.details(),
      },
    };
  }

  transfer(id: CallId, command: TransferCommand): Promise<TransferStarted> {
    return settle(() => {
      const live = this.require(id);
      const { call } = live.runner;
      const refusal = refusalNow(call);
      const pending = pendingTransfer(call);
      if (refusal !== null) {
        const more = pending === null ? {} : { transferId: pending.plan.id };
        throw new AppError(refusal.code, refusal.detail, [], more);
      }
      const planned = this.planner.plan(askingOf(live), command);
      if (!planned.ok) throw this.refuse(live, planned.problem);
      const { plan } = planned;
      live.runner.post({ type: 'transferCommanded', plan, from: null });
      return live.teller.kept({ transferId: plan.id, sessionId: plan.sessionId });
    });
  }

  dryRun(id: CallId, command: TransferCommand): Promise<DryRun> {
    return settle(() => {
      const live = this.require(id);
      const { runner, channel } = live;
      const asking = askingOf(live);
      const drafted = this.planner.draft(asking, command);
      if (!drafted.ok) throw appError(drafted.problem, {});
      const { settings } = this.parts;
      const { listening } = this;
      const redirect = this.planner.draftRedirect(asking, command);
      const context = { settings, command, listening, maxForwards: runner.maxForwards, redirect };
      const full = this.planner.fullFor(drafted.plan);
      const limited = full === null ? null : ({ code: 'rate_limited', detail: full } as const);
      const refusal = refusalNow(runner.call) ?? limited;
      return { refusal, ...dryRunOf(drafted.plan, explainPlan(settings, channel, command), context) };
    });
  }

  simulatePolicy(id: string, simulation: PolicySimulation): readonly SimulatedStep[] {
    const { settings } = this.parts;
    const channel = settings.channels.get(id);
    if (channel === undefined) throw new AppError('unknown_channel', `there is no channel "${id}"`);
    return simulateChannel(settings, channel, simulation);
  }

  /** What policy forbids is told to the bot as well: no command that was understood stays without an outcome. */
  private refuse(live: LiveCall, problem: PlanProblem): AppError {
    const { refused } = problem;
    if (refused !== null) live.runner.post({ type: 'transferRefused', refused, leaving: false });
    return appError(problem, refused === null ? {} : { transferId: refused.id });
  }

  async cancelTransfer(id: TransferId): Promise<void> {
    const live = this.registry.withPending(id);
    if (live !== undefined) {
      const { phase } = live.runner.call.state;
      const current = pendingTransfer(live.runner.call)?.plan.id === id;
      if (!current || (phase !== 'dialling' && phase !== 'retryWait'))
        throw new AppError(
          'transfer_answered',
          (current ? TOO_LATE[phase] : undefined) ?? `transfer ${id} has been answered`,
        );
      live.runner.post({ type: 'cancelRequested', transferId: id });
      return;
    }
    const record = await this.parts.store.getTransfer(id);
    if (record === undefined) throw new AppError('transfer_not_found', `there is no transfer "${id}"`);
    throw new AppError('transfer_over', `transfer ${id} ended: ${record.outcome ?? record.state}`);
  }

  bringBack(call: CallId, id: TransferId): Promise<void> {
    return settle(() => {
      const { runner } = this.require(call);
      const talks = runner.call.state.phase === 'withTarget' && pendingTransfer(runner.call)?.plan.id === id;
      if (!talks) throw new AppError('return_not_possible', `nobody talks to an agent by transfer ${id}`);
      if (!acceptsReturn(runner.call)) throw new AppError('return_not_possible', NO_BOT);
      runner.post({ type: 'returnRequested', transferId: id });
    });
  }

  closeSession(_call: CallId, id: TransferId): Promise<boolean> {
    return Promise.resolve(this.registry.records.close(id));
  }

  hangup(id: CallId): Promise<void> {
    return settle(() =>
      this.require(id).runner.post({ type: 'hangupRequested', by: 'api', reason: 'hung up by request' }),
    );
  }

  record(id: CallId, action: 'pause' | 'resume' | 'stop'): Promise<void> {
    return settle(() => {
      if (!this.require(id).runner.media.record(action))
        throw new AppError('not_recording', `call "${id}" is not being recorded`);
    });
  }

  reply(id: CallId, replies: readonly BotReply[]): Promise<boolean> {
    return settle(() => {
      const { runner, channel } = this.require(id);
      if (channel.answer.by !== 'script') return false;
      runner.post({ type: 'replied', question: null, replies });
      return true;
    });
  }

  private view(live: LiveCall): CallView {
    return { ...viewOf(live), engine: this.parts.siblings.engine };
  }

  private require(id: CallId): LiveCall {
    const live = this.registry.get(id);
    if (live === undefined) throw new AppError('call_not_found', `there is no live call "${id}"`);
    if (live.runner.isWaiting) throw new AppError('engine_unreachable', `call "${id}" is being taken over`);
    return live;
  }
}

/** What about the call at this moment forbids a transfer, whatever it is. */
function refusalNow(call: Call): DryRun['refusal'] {
  const pending = pendingTransfer(call);
  if (pending !== null) return { code: 'transfer_pending', detail: `transfer ${pending.plan.id} is pending` };
  if (acceptsTransfer(call)) return null;
  return { code: 'transfer_not_possible', detail: `the call is in phase "${call.state.phase}"` };
}

/** A promise of what happens now: the check and the event it allows must not be torn apart. */
function settle<T>(run: () => T | Promise<T>): Promise<T> {
  try {
    return Promise.resolve(run());
  } catch (error) {
    return Promise.reject(error instanceof Error ? error : new Error(String(error)));
  }
}

function appError(problem: PlanProblem, more: Readonly<Record<string, string>>): AppError {
  const { code, path, detail } = problem;
  const wait = 'retryAfterMs' in problem ? { retryAfterMs: String(problem.retryAfterMs) } : {};
  return new AppError(code, detail, [{ path, message: detail }], { ...more, ...wait });
}

const NO_BOT = 'the bot was let go when the agent took over; transfer with `returnToBot` to keep it';

/** Phases in which the network, and not we, has the transfer in its hands. */
const TOO_LATE: Readonly<Record<string, string>> = {
  referring: "the caller's network has the REFER, which cannot be taken back",
  handingBack: 'the caller is being handed back',
};

function viewOf({ runner, channel, transfer }: LiveCall): Omit<CallView, 'engine'> {
  const { call } = runner;
  return {
    callId: call.id,
    channel: channel.id,
    phase: call.state.phase,
    from: call.setup.from,
    to: call.setup.to,
    startedAt: new Date(runner.startedAt).toISOString(),
    legs: [...call.legs].map(([id, leg]) => ({
      id,
      phase: leg.phase,
      sipCallId: runner.legs.port(id)?.sipCallId ?? null,
    })),
    transferId: transfer,
  };
}
