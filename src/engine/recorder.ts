import type { TransferCommand } from '../domain/command.js';
import type { CallId, TransferId } from '../domain/ids.js';
import type { Settings } from '../domain/settings.js';
import type { PublishedEvent } from '../ports/bot-runtime.js';
import type { Metrics } from '../ports/metrics.js';
import type { Store } from '../ports/store.js';
import { TAKEN_OVER, type TransferRecord } from '../ports/transfer-record.js';
import { destinationOf } from './sessions/destination.js';
import {
  ended,
  project,
  touched,
  type Circumstances,
  type RecordedCall,
  type TransferEvent,
} from './sessions/projection.js';
import { expiryOf, SESSION_SETTINGS, type SessionSettings } from './sessions/session-settings.js';

export interface RecorderParts {
  readonly store: Pick<Store, 'putTransfer' | 'annotateTransfer'>;
  readonly metrics: Pick<Metrics, 'transferEnded' | 'attemptStarted'>;
  readonly settings: Pick<Settings, 'targets' | 'trunks'>;
  readonly sessions?: SessionSettings;
  readonly onError: (error: unknown) => void;
}

/** What of a call's records another engine goes on with; plain JSON. */
export interface RecordedSoFar {
  /** Those that are not over, or were not written when they were. */
  readonly records: readonly TransferRecord[];
  /** Transfers that reached nobody, as long as no later one has. */
  readonly missed: readonly TransferId[];
}

/**
 * The record of a transfer (CONTRACT 6) as a projection of its events: what the bot is told and what the record says
 * can therefore never disagree. Each change is written at once; a store that fails costs the record, not the call.
 */
export class Recorder {
  private readonly open = new Map<TransferId, TransferRecord>();
  /** As they will be when the store has caught up. */
  private readonly unwritten = new Map<TransferId, TransferRecord>();
  private readonly missed = new Map<CallId, Set<TransferId>>();
  private readonly sessions: SessionSettings;

  constructor(private readonly parts: RecorderParts) {
    this.sessions = parts.sessions ?? SESSION_SETTINGS;
  }

  /** Takes every event of a call, in order; answers with the record it changed. `command`: behind a `transfer.requested`, where it can be given again. */
  record(
    event: PublishedEvent,
    call: RecordedCall,
    command: TransferCommand | null = null,
  ): TransferRecord | undefined {
    if (!('transferId' in event.data)) {
      this.signOfLife(event);
      return undefined;
    }
    const told = event as TransferEvent;
    if (told.type === 'transfer.requested') this.closeAfterTalk(event.callId, event.time);
    const id = told.data.transferId;
    const before = this.open.get(id);
    const after = project(before, told, this.circumstances(before, call, command));
    if (after === undefined) return undefined;
    this.count(before, after, told);
    this.write(after, event.time);
    this.followUp(after, event.time);
    return after;
  }

  /** What a provider calls the session, read off its answer. */
  identified(id: TransferId, providerSessionId: string, time: string): TransferRecord | undefined {
    const record = this.open.get(id);
    if (record === undefined || record.providerSessionId === providerSessionId) return undefined;
    const next = { ...touched(record, time), providerSessionId };
    this.write(next, time);
    return next;
  }

  /** The session's provider, where the configuration names a header that says what that calls it. */
  sessionHeaderOf(id: TransferId): string | null {
    const record = this.open.get(id);
    const attempt = record?.attempts.at(-1);
    if (record === undefined || attempt === undefined) return null;
    const { provider } = destinationOf(this.parts.settings, record.command, attempt.target, attempt.trunk);
    return provider?.sessionHeader ?? null;
  }

  /** The record is closed, and what becomes of the call is no part of it any more. False: there is none to close. */
  close(id: TransferId, time: string): boolean {
    const record = this.open.get(id);
    if (record?.status !== 'post_agent') return false;
    this.write(ended(touched(record, time), time, 'closed'), time);
    return true;
  }

  /** A call is over: whatever was said after the talk with the agent has been said. */
  callEnded(id: CallId, time: string): void {
    this.closeAfterTalk(id, time);
    for (const record of this.openOf(id)) this.write(ended(touched(record, time), time, 'interrupted'), time);
    this.missed.delete(id);
  }

  export(id: CallId): RecordedSoFar {
    const mine = [...this.unwritten.values()].filter(({ callId }) => callId === id);
    const records = new Map([...this.openOf(id), ...mine].map((record) => [record.transferId, record]));
    return { records: [...records.values()], missed: [...(this.missed.get(id) ?? [])] };
  }

  /**
   * The call's records are this engine's from here on, written as they were when the other one was last heard: that one
   * cannot write over them any more.
   */
  import(id: CallId, { records, missed }: RecordedSoFar): void {
    for (const record of records)
      this.write({ ...record, revision: record.revision + TAKEN_OVER }, record.updatedAt);
    if (missed.length > 0) this.missed.set(id, new Set(missed));
  }

  /** The call, and its records, are another engine's. */
  forget(id: CallId): void {
    for (const { transferId } of this.openOf(id)) this.open.delete(transferId);
    this.missed.delete(id);
  }

  /** An event behind the last that this record, as the store has it, was changed by. */
  retell(record: TransferRecord, event: PublishedEvent): void {
    this.open.set(record.transferId, { ...record, revision: record.revision + TAKEN_OVER });
    this.record(event, record);
  }

  private circumstances(
    before: TransferRecord | undefined,
    call: RecordedCall,
    given: TransferCommand | null,
  ): Circumstances {
    const command = before?.command ?? given;
    const { settings } = this.parts;
    return { call, command, destination: (label, trunk) => destinationOf(settings, command, label, trunk) };
  }

  private write(record: TransferRecord, time: string): void {
    const over = record.status === 'ended';
    const expiresAt = over ? null : expiryOf(this.sessions, record.channel, time);
    const next = { ...record, expiresAt };
    if (over) this.open.delete(record.transferId);
    else this.open.set(record.transferId, next);
    this.unwritten.set(record.transferId, next);
    const written = (): void => {
      if (this.unwritten.get(record.transferId) === next) this.unwritten.delete(record.transferId);
    };
    this.parts.store.putTransfer(next).then(written, (error: unknown) => {
      written();
      this.parts.onError(error);
    });
  }

  private openOf(id: CallId): TransferRecord[] {
    return [...this.open.values()].filter(({ callId }) => callId === id);
  }

  private closeAfterTalk(id: CallId, time: string): void {
    for (const record of this.openOf(id))
      if (record.status === 'post_agent') this.write(ended(touched(record, time), time, 'completed'), time);
  }

  /** Where sessions of calls run out: something was heard of this one. */
  private signOfLife({ callId, time }: PublishedEvent): void {
    if (this.sessions.ttlMs.voice === 0) return;
    for (const record of this.openOf(callId)) this.write(touched(record, time), time);
  }

  /** Whoever reaches a person in the end needs no call back for having missed one before. */
  private followUp({ transferId, callId, followUp, status, state }: TransferRecord, time: string): void {
    const missed = this.missed.get(callId);
    if (followUp !== null) this.missed.set(callId, (missed ?? new Set()).add(transferId));
    if (missed === undefined || (status !== 'active' && state !== 'completed')) return;
    this.missed.delete(callId);
    const notes = {
      at: time,
      followUp: { state: 'done', at: time, by: 'later_transfer', note: null },
    } as const;
    for (const id of missed) this.parts.store.annotateTransfer(id, notes).catch(this.parts.onError);
  }

  private count(before: TransferRecord | undefined, after: TransferRecord, event: TransferEvent): void {
    const { metrics } = this.parts;
    if (event.type === 'transfer.attempt.started')
      metrics.attemptStarted(event.data.attempt.method, event.data.attempt.trunk);
    if (after.state === 'pending' || after.outcome === null || before?.outcome != null) return;
    const seconds = (Date.parse(after.updatedAt) - Date.parse(after.createdAt)) / 1000;
    metrics.transferEnded(after.attempts.at(-1)?.method ?? 'invite', after.state, after.outcome, seconds);
  }
}
