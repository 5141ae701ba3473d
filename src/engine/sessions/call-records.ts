import type { Call } from '../../domain/call.js';
import type { CallId, TransferId } from '../../domain/ids.js';
import type { PublishedEvent } from '../../ports/bot-runtime.js';
import type { CdrLeg, CdrSink } from '../../ports/cdr.js';
import type { Clock } from '../../ports/clock.js';
import type { LadderEntry } from '../../ports/ladder.js';
import type { Log } from '../../ports/log.js';
import type { Metrics } from '../../ports/metrics.js';
import type { HeaderReader } from '../../ports/signalling.js';
import type { Store } from '../../ports/store.js';
import type { CommandMemory } from '../command-memory.js';
import { Recorder, type RecordedSoFar, type RecorderParts } from '../recorder.js';
import { CallAccount, type AccountSoFar, type CallOpening } from './call-account.js';
import type { RecordedCall } from './projection.js';

export interface CallRecordsParts extends Omit<RecorderParts, 'onError' | 'store' | 'metrics'> {
  readonly store: Pick<Store, 'putTransfer' | 'annotateTransfer' | 'getTransfer' | 'putLadder'>;
  readonly metrics: RecorderParts['metrics'] & Pick<Metrics, 'callContained'>;
  readonly clock: Pick<Clock, 'now'>;
  readonly log: Log;
  /** Absent: nobody keeps call detail records. */
  readonly cdr?: Pick<CdrSink, 'write'>;
}

/** What is written about a call, as far as it has come: plain JSON, for the engine that takes the call over. */
export interface WrittenSoFar {
  readonly account: AccountSoFar | null;
  readonly transfers: RecordedSoFar;
}

/** How a call was when it was over. */
export interface LastLook {
  readonly legs: readonly CdrLeg[];
  readonly ladder: readonly LadderEntry[];
}

/** Of what a far end says; ids are shorter. */
const MAX_SESSION_ID = 256;

/** What is written about calls beside their events: the records of transfers, and in the end its detail record and ladder. */
export class CallRecords {
  private readonly recorder: Recorder;
  private readonly accounts = new Map<CallId, CallAccount>();

  constructor(
    private readonly parts: CallRecordsParts,
    private readonly commands: CommandMemory,
  ) {
    const onError = (error: unknown): void => {
      parts.log.error({ error }, 'a transfer record was not written');
    };
    this.recorder = new Recorder({ ...parts, onError });
  }

  began(opening: Omit<CallOpening, 'startedAt'>): void {
    this.accounts.set(opening.callId, CallAccount.open({ ...opening, startedAt: this.now() }));
  }

  /** After everything that happens to the call. */
  follow({ id, legs }: Call): void {
    if (legs.get('caller')?.phase === 'up') this.update(id, (account) => account.answered(this.now()));
  }

  /** Every event of a call, in order. */
  told(event: PublishedEvent, call: RecordedCall): void {
    const command = event.type === 'transfer.requested' ? this.commands.take(event.data.transferId) : null;
    const record = this.recorder.record(event, call, command);
    if (record !== undefined) this.update(event.callId, (account) => account.transferred(record));
    if (event.type === 'call.ended')
      this.update(event.callId, (account) => account.ended(event.time, event.data));
  }

  /** A target of a transfer has answered something: perhaps what its provider calls the session. */
  responded(id: TransferId, header: HeaderReader): void {
    const name = this.recorder.sessionHeaderOf(id);
    const said = name === null ? undefined : header(name);
    if (said === undefined || said === '') return;
    const record = this.recorder.identified(id, said.slice(0, MAX_SESSION_ID), this.now());
    if (record !== undefined) this.update(record.callId, (account) => account.transferred(record));
  }

  /** Closes the record of a transfer whose agent is gone; false: there is none. */
  close(id: TransferId): boolean {
    return this.recorder.close(id, this.now());
  }

  /** The call's last leg is gone. */
  ended(id: CallId, { legs, ladder }: LastLook): void {
    const now = this.now();
    this.recorder.callEnded(id, now);
    const account = this.accounts.get(id);
    this.accounts.delete(id);
    if (account === undefined) return;
    const cdr = account.close(now, legs);
    if (cdr.containment !== null) this.parts.metrics.callContained(cdr.channel, cdr.containment);
    this.parts.cdr?.write(cdr);
    // What went wrong with a transfer is asked later than a call is remembered.
    if (cdr.transfers.length > 0) this.keepLadder(id, ladder);
  }

  export(id: CallId): WrittenSoFar {
    return { account: this.accounts.get(id)?.soFar ?? null, transfers: this.recorder.export(id) };
  }

  /** The call is this engine's from now on, and so is what is written about it. */
  import(id: CallId, { account, transfers }: WrittenSoFar): void {
    if (account !== null) this.accounts.set(id, CallAccount.resume(account));
    this.recorder.import(id, transfers);
  }

  /** The call, and what is written about it, are another engine's. */
  forget(id: CallId): void {
    this.accounts.delete(id);
    this.recorder.forget(id);
  }

  /** Events of a call that is over, told by an engine that is gone: its last records may not have been written. */
  async retold(id: CallId, events: readonly PublishedEvent[]): Promise<void> {
    for (const event of events) {
      if (!('transferId' in event.data)) continue;
      const record = await this.parts.store.getTransfer(event.data.transferId);
      if (record?.state === 'pending') this.recorder.retell(record, event);
    }
    this.recorder.callEnded(id, this.now());
  }

  private keepLadder(callId: CallId, ladder: readonly LadderEntry[]): void {
    this.parts.store.putLadder(callId, ladder).catch((error: unknown) => {
      this.parts.log.warn({ callId, error }, 'the ladder of a call was not kept');
    });
  }

  private update(id: CallId, change: (account: CallAccount) => CallAccount): void {
    const account = this.accounts.get(id);
    if (account !== undefined) this.accounts.set(id, change(account));
  }

  private now(): string {
    return new Date(this.parts.clock.now()).toISOString();
  }
}
