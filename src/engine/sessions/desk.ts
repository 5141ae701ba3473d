import { asCallId, sessionId, transferId, type CallId, type SessionId } from '../../domain/ids.js';
import { AppError } from '../../errors.js';
import type { Clock, Random } from '../../ports/clock.js';
import type { Control, OnceKey } from '../../ports/control.js';
import type {
  NewSession,
  SessionAction,
  SessionActed,
  SessionChange,
  Sessions,
} from '../../ports/sessions.js';
import type { Store } from '../../ports/store.js';
import type { TransferRecord } from '../../ports/transfer-record.js';
import { CallActions } from './call-actions.js';
import { touched } from './projection.js';
import { expiryOf, type SessionSettings } from './session-settings.js';
import { moved } from './status-flow.js';
import { endedUnseen } from './unseen-end.js';

export interface SessionDeskParts {
  readonly control: Pick<Control, 'transfer' | 'cancelTransfer' | 'hangup' | 'bringBack' | 'closeSession'>;
  readonly store: Pick<Store, 'getSession' | 'exchangeTransfer' | 'annotateTransfer'>;
  readonly settings: SessionSettings;
  readonly clock: Pick<Clock, 'now'>;
  readonly random: Pick<Random, 'uuid'>;
}

/** Others who change a record at the same time let us try again; this many at once are none. */
const TRIES = 8;

/**
 * Sessions as people and providers change them. A session of a call follows its call, whichever engine has that: it is
 * acted upon through the call, and annotated beside what that engine writes. Any other is a record, and changed here.
 */
export class SessionDesk implements Sessions {
  private readonly calls: CallActions;

  constructor(private readonly parts: SessionDeskParts) {
    this.calls = new CallActions(parts.control, (record) =>
      this.exchange(record, endedUnseen(record, this.now(), 'closed')),
    );
  }

  async create(wish: NewSession): Promise<TransferRecord> {
    const record = this.opened(wish);
    if (await this.exchange(null, record)) return record;
    throw new Error(`a fresh id is taken: ${record.transferId}`);
  }

  async change(id: SessionId, change: SessionChange): Promise<TransferRecord> {
    const record = await this.require(id);
    const { status, queue, ...said } = change;
    if (record.channel === 'voice') {
      if (status !== undefined)
        throw new AppError('session_follows_call', `session ${id} is of call ${record.callId}`);
      return this.annotate(record, { ...said, ...(queue !== undefined && { queue }) });
    }
    if (record.status !== 'ended') return this.amend(id, (now) => this.changed(now, change));
    if (status !== undefined || queue !== undefined) throw over(record);
    // What the provider has to say may come later than the end.
    return this.annotate(record, said);
  }

  async act(id: SessionId, action: SessionAction, once?: OnceKey): Promise<SessionActed> {
    const record = await this.require(id);
    const transfer = record.channel === 'voice' ? await this.calls.act(record, action, once) : null;
    if (record.channel !== 'voice') await this.amend(id, (now) => this.acted(now, action));
    return { action, sessionId: id, transfer };
  }

  async followUpDone(id: SessionId, note: string | null): Promise<TransferRecord> {
    const record = await this.require(id);
    if (record.followUp === null) throw new AppError('session_state', `session ${id} needs no follow-up`);
    if (record.followUp.state === 'done') return record;
    const at = this.now();
    return this.annotate(record, { followUp: { state: 'done', at, by: 'api', note } });
  }

  private changed(record: TransferRecord, change: SessionChange): TransferRecord {
    if (record.status === 'ended') throw over(record);
    const time = this.now();
    const { status, ...fields } = change;
    const next = { ...touched(record, time), ...fields };
    const expiresAt = expiryOf(this.parts.settings, record.channel, time);
    return {
      ...(status === undefined ? next : moved(next, status, time)),
      ...(status !== 'ended' && { expiresAt }),
    };
  }

  private acted(record: TransferRecord, action: SessionAction): TransferRecord {
    if (record.status === 'ended') throw over(record);
    const isWaiting = record.status === 'pending' || record.status === 'queued';
    if (action === 'end') return moved(touched(record, this.now()), 'ended', this.now());
    if (action === 'cancel' && isWaiting) return endedUnseen(record, this.now(), 'cancelled');
    const why = action === 'cancel' ? `it is ${record.status}` : `it has no call of ours`;
    throw new AppError('session_state', `session ${record.sessionId}: ${action} is not possible: ${why}`);
  }

  /** Reads, changes, and writes back unless somebody else was quicker; then once more. */
  private async amend(
    id: SessionId,
    change: (record: TransferRecord) => TransferRecord,
  ): Promise<TransferRecord> {
    for (let tries = 0; tries < TRIES; tries += 1) {
      const record = await this.require(id);
      const next = change(record);
      if (await this.exchange(record, next)) return next;
    }
    throw new AppError('session_state', `session ${id} is being changed by others all the time`);
  }

  private async exchange(before: TransferRecord | null, after: TransferRecord): Promise<boolean> {
    return (await this.parts.store.exchangeTransfer(after, before?.revision ?? 0)) === 'written';
  }

  private async annotate(
    { transferId: id, sessionId: session }: TransferRecord,
    notes: Omit<Parameters<Store['annotateTransfer']>[1], 'at'>,
  ): Promise<TransferRecord> {
    const record = await this.parts.store.annotateTransfer(id, { ...notes, at: this.now() });
    if (record === undefined) throw new AppError('session_not_found', `there is no session ${session}`);
    return record;
  }

  private async require(id: SessionId): Promise<TransferRecord> {
    const record = await this.parts.store.getSession(id);
    if (record === undefined) throw new AppError('session_not_found', `there is no session ${id}`);
    return record;
  }

  private opened(wish: NewSession): TransferRecord {
    const uuid = this.parts.random.uuid();
    const conversation: CallId = asCallId(wish.conversationId ?? uuid);
    const time = this.now();
    const { channel, channelId, contact, agent, provider, providerSessionId, queue, reason, metadata } = wish;
    return {
      transferId: transferId(uuid),
      sessionId: sessionId(uuid, conversation, channelId),
      callId: conversation,
      ...{ contact, agent, provider, channelId, channel, status: 'pending', state: 'pending', queue },
      ...{ targets: queue === null ? [] : [queue], reason, outcome: null, evidence: null },
      ...{ transferStatus: null, attempts: [], providerSessionId, metadata, providerData: {} },
      ...{ command: null, followUp: null, createdAt: time, updatedAt: time, activeAt: null },
      ...{ verdictAt: null, endedAt: null, endReason: null, revision: 1 },
      expiresAt: expiryOf(this.parts.settings, channel, time),
    };
  }

  private now(): string {
    return new Date(this.parts.clock.now()).toISOString();
  }
}

const over = ({ sessionId: id, endReason }: TransferRecord): AppError =>
  new AppError('session_over', `session ${id} is over: ${endReason ?? 'ended'}`);
