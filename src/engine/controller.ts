import { acceptsTransfer, pendingTransfer } from '../domain/call.js';
import type { TransferCommand } from '../domain/command.js';
import { sessionId, transferId, type CallId, type SessionId, type TransferId } from '../domain/ids.js';
import { planTransfer, type RoutingProblem } from '../domain/routing.js';
import { AppError } from '../errors.js';
import type { CallView, Control, Readiness } from '../ports/control.js';
import type { LadderEntry } from '../ports/ladder.js';
import type { Admitter } from './admitter.js';
import type { EngineParts } from './parts.js';
import type { LiveCall, Registry } from './registry.js';

/** What people and bots may ask of the engine, checked against the call as it is at this moment. */
export class Controller implements Control {
  constructor(
    private readonly parts: EngineParts,
    private readonly registry: Registry,
    private readonly admitter: Admitter,
  ) {}

  calls(): readonly CallView[] {
    return this.registry.all().map(viewOf);
  }

  call(id: CallId): CallView | undefined {
    const live = this.registry.get(id);
    return live === undefined ? undefined : viewOf(live);
  }

  ladder(id: CallId): readonly LadderEntry[] | undefined {
    return this.registry.ladder(id);
  }

  hasChannel(id: string): boolean {
    return this.parts.settings.channels.has(id);
  }

  readiness(): Readiness {
    const signalling = this.parts.signalling.connected();
    const engine = this.admitter.isClosed ? 'draining' : 'up';
    return {
      ready: signalling && engine === 'up',
      dependencies: { engine, signalling: signalling ? 'up' : 'down' },
    };
  }

  transfer(id: CallId, command: TransferCommand): Promise<{ transferId: TransferId; sessionId: SessionId }> {
    return settle(() => {
      const live = this.require(id);
      const { call } = live.runner;
      const pending = pendingTransfer(call);
      if (pending !== null) {
        throw new AppError('transfer_pending', `transfer ${pending.plan.id} is pending`, [], {
          transferId: pending.plan.id,
        });
      }
      if (!acceptsTransfer(call))
        throw new AppError('transfer_not_possible', `the call is in phase "${call.state.phase}"`);
      const uuid = this.parts.random.uuid();
      const ids = { transferId: transferId(uuid), sessionId: sessionId(uuid, id, live.channel.id) };
      const plan = planTransfer(this.parts.settings, live.channel, live.caller, command, ids);
      if (!plan.ok) throw problem(plan.problem);
      live.runner.post({ type: 'transferCommanded', plan: plan.value });
      return ids;
    });
  }

  async cancelTransfer(id: TransferId): Promise<void> {
    const live = this.registry.withPending(id);
    if (live !== undefined) {
      const { phase } = live.runner.call.state;
      if (phase === 'moving' || phase === 'withTarget')
        throw new AppError('transfer_answered', `transfer ${id} has been answered`);
      live.runner.post({ type: 'cancelRequested', transferId: id });
      return;
    }
    const record = await this.parts.store.getTransfer(id);
    if (record === undefined) throw new AppError('transfer_not_found', `there is no transfer "${id}"`);
    throw new AppError('transfer_over', `transfer ${id} ended: ${record.outcome ?? record.state}`);
  }

  hangup(id: CallId): Promise<void> {
    return settle(() =>
      this.require(id).runner.post({ type: 'hangupRequested', by: 'api', reason: 'hung up by request' }),
    );
  }

  private require(id: CallId): LiveCall {
    const live = this.registry.get(id);
    if (live === undefined) throw new AppError('call_not_found', `there is no live call "${id}"`);
    return live;
  }
}

/** A promise of what happens now: the check and the event it allows must not be torn apart. */
function settle<T>(run: () => T): Promise<T> {
  try {
    return Promise.resolve(run());
  } catch (error) {
    return Promise.reject(error instanceof Error ? error : new Error(String(error)));
  }
}

function problem({ code, path, detail }: RoutingProblem): AppError {
  return new AppError(code, detail, [{ path, message: detail }]);
}

function viewOf({ runner, channel, transfer }: LiveCall): CallView {
  const { call } = runner;
  return {
    callId: call.id,
    channel: channel.id,
    phase: call.state.phase,
    from: call.setup.from,
    to: call.setup.to,
    startedAt: new Date(runner.startedAt).toISOString(),
    legs: [...call.legs].map(([id, leg]) => ({ id, phase: leg.phase, sipCallId: runner.sipCallId(id) })),
    transferId: transfer,
  };
}
