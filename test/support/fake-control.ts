import type { TransferCommand } from '../../src/domain/command.js';
import { sessionId, transferId, type CallId, type TransferId } from '../../src/domain/ids.js';
import { AppError } from '../../src/errors.js';
import type { BotReply } from '../../src/domain/reply.js';
import { simulatePolicy, type PolicySimulation } from '../../src/domain/simulate-policy.js';
import type { EngineId } from '../../src/ports/call-book.js';
import type { CallList, CallView, Control, DryRun, OnceKey, Readiness } from '../../src/ports/control.js';
import type { LadderEntry } from '../../src/ports/ladder.js';

/** A live call as `Control` shows it. */
export const aCall = (id: CallId, over: Partial<CallView> = {}): CallView => ({
  callId: id,
  engine: 'eng_1' as EngineId,
  channel: 'line',
  phase: 'withBot',
  from: '16125550000',
  to: '18005550000',
  startedAt: '2026-01-01T00:00:00.000Z',
  legs: [{ id: 'caller', phase: 'up', sipCallId: 'abc@127.0.0.1' }],
  transferId: null,
  ...over,
});

/** A plan of one way, as `Control` shows it. */
export const A_DRY_RUN: DryRun = {
  method: 'auto',
  targets: [
    {
      target: '1612',
      ringTimeoutMs: 30_000,
      ways: [
        {
          method: 'invite',
          trunk: 'carrier',
          after: null,
          headerBudget: { count: 1, bytes: 20, maxCount: 32, maxBytes: 4096 },
          requests: [{ to: '1612', sip: 'INVITE sip:1612@h SIP/2.0\r\n\r\n', postDial: null }],
        },
      ],
    },
  ],
  refusal: null,
  redirect: null,
  layers: [{ field: 'method', value: 'auto', layer: 'default' }],
};

/** `Control` without an engine: keeps the promises of the port, writes down what was asked, can be held up. */
export class FakeControl implements Control {
  readonly live = new Map<CallId, CallView>();
  readonly ladders = new Map<CallId, readonly LadderEntry[]>();
  readonly channels = new Set(['line']);
  readonly transfers: { readonly callId: CallId; readonly command: TransferCommand }[] = [];
  readonly dryRuns: { readonly callId: CallId; readonly command: TransferCommand }[] = [];
  readonly simulations: { readonly channel: string; readonly simulation: PolicySimulation }[] = [];
  readonly cancelled: TransferId[] = [];
  readonly hungUp: CallId[] = [];
  readonly broughtBack: TransferId[] = [];
  /** Transfers whose record this engine would close. */
  readonly closable = new Set<TransferId>();
  /** Calls that are recorded, and what was asked of the recording. */
  readonly recorded = new Set<CallId>();
  readonly recordings: { readonly callId: CallId; readonly action: string }[] = [];
  /** Calls whose bot speaks by replies, and what it was heard to say. */
  readonly scripted = new Set<CallId>();
  readonly replied: { readonly callId: CallId; readonly replies: readonly BotReply[] }[] = [];
  /** Refusal of the next transfer, cancel or hang-up. */
  nextError: unknown;
  state: Readiness = { ready: true, dependencies: { sip: 'up', store: 'up' } };
  private gate: Promise<void> = Promise.resolve();

  /** Holds every transfer until the returned function is called. */
  hold(): () => void {
    let release = (): void => undefined;
    this.gate = new Promise((resolve) => (release = resolve));
    return release;
  }

  /** Engines that do not answer. */
  partial: CallList['partial'] = [];
  /** With what keys commands came. */
  readonly onceKeys: (OnceKey | undefined)[] = [];

  calls() {
    return Promise.resolve({ items: [...this.live.values()], partial: this.partial });
  }

  call(id: CallId) {
    return Promise.resolve(this.live.get(id));
  }

  async transfer(id: CallId, command: TransferCommand, once?: OnceKey) {
    this.onceKeys.push(once);
    const call = this.known(id);
    const uuid = `${this.transfers.length + 1}`;
    this.transfers.push({ callId: id, command });
    await this.gate;
    this.throwNext();
    if (call.transferId !== null)
      throw new AppError('transfer_pending', `Transfer ${call.transferId} is pending.`, [], {
        transferId: call.transferId,
      });
    return { transferId: transferId(uuid), sessionId: sessionId(uuid, id, call.channel) };
  }

  dryRun(id: CallId, command: TransferCommand) {
    return Promise.resolve().then(() => {
      this.known(id);
      this.throwNext();
      this.dryRuns.push({ callId: id, command });
      return A_DRY_RUN;
    });
  }

  /** The channels of this fake have no rules of their own. */
  simulatePolicy(channel: string, simulation: PolicySimulation) {
    if (!this.channels.has(channel))
      throw new AppError('unknown_channel', `There is no channel "${channel}".`);
    this.simulations.push({ channel, simulation });
    const { onFailure = [], otherwise = 'stay' } = simulation;
    return simulatePolicy({ written: onFailure, onFailure, otherwise }, simulation);
  }

  cancelTransfer(id: TransferId) {
    return this.later(() => {
      this.throwNext();
      if ([...this.live.values()].every((call) => call.transferId !== id))
        throw new AppError('transfer_not_found', `There is no transfer ${id}.`);
      this.cancelled.push(id);
    });
  }

  record(callId: CallId, action: 'pause' | 'resume' | 'stop'): Promise<void> {
    if (!this.live.has(callId))
      return Promise.reject(new AppError('call_not_found', `there is no live call "${callId}"`));
    if (!this.recorded.has(callId))
      return Promise.reject(new AppError('not_recording', 'nothing is recorded'));
    this.recordings.push({ callId, action });
    return Promise.resolve();
  }

  bringBack(call: CallId, id: TransferId) {
    return this.later(() => {
      this.known(call);
      this.throwNext();
      this.broughtBack.push(id);
    });
  }

  closeSession(_call: CallId, id: TransferId) {
    return Promise.resolve(this.closable.has(id));
  }

  hangup(id: CallId) {
    return this.later(() => {
      this.known(id);
      this.throwNext();
      this.hungUp.push(id);
    });
  }

  reply(id: CallId, replies: readonly BotReply[]) {
    return Promise.resolve().then(() => {
      this.known(id);
      if (!this.scripted.has(id)) return false;
      this.replied.push({ callId: id, replies });
      return true;
    });
  }

  ladder(id: CallId) {
    return Promise.resolve(this.ladders.get(id));
  }

  readiness() {
    return this.state;
  }

  hasChannel(id: string) {
    return this.channels.has(id);
  }

  private known(id: CallId): CallView {
    const call = this.live.get(id);
    if (call === undefined) throw new AppError('call_not_found', `There is no call ${id}.`);
    return call;
  }

  private throwNext(): void {
    const error = this.nextError;
    this.nextError = undefined;
    if (error !== undefined) throw error as Error;
  }

  private later(run: () => void): Promise<void> {
    return Promise.resolve().then(run);
  }
}
