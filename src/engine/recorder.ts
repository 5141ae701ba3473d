import type { BotEvent } from '../domain/bot-event.js';
import type { CallId, TransferId } from '../domain/ids.js';
import type { PublishedEvent } from '../ports/bot-runtime.js';
import type { Metrics } from '../ports/metrics.js';
import type { AttemptRecord, SessionStatus, Store, TransferRecord } from '../ports/store.js';

/** What a record says about its call. */
export interface RecordedCall {
  readonly contact: string;
  readonly agent: string;
}

type TransferEvent = Extract<BotEvent, { data: { transferId: TransferId } }>;

/**
 * The record of a transfer (CONTRACT 6) as a projection of its events: what the bot is told and what the record says
 * can therefore never disagree. Each change is written at once; a store that fails costs the record, not the call.
 */
export class Recorder {
  private readonly open = new Map<TransferId, TransferRecord>();

  constructor(
    private readonly store: Store,
    private readonly metrics: Metrics,
    private readonly onError: (error: unknown) => void,
  ) {}

  /** Takes every event of a call, in order. */
  record(event: PublishedEvent, call: RecordedCall): void {
    if (!('transferId' in event.data)) return;
    const id = event.data.transferId;
    const before = this.open.get(id);
    const after = apply(before, event as PublishedEvent & TransferEvent, call);
    if (after === undefined) return;
    this.count(before, after, event as PublishedEvent & TransferEvent);
    if (after.status === 'ended') this.open.delete(id);
    else this.open.set(id, after);
    this.store.putTransfer(after).catch(this.onError);
  }

  /** A call is over: a record still waiting for the caller's return will wait no more. */
  callEnded(id: CallId, time: string): void {
    for (const record of [...this.open.values()].filter(({ callId }) => callId === id)) {
      this.open.delete(record.transferId);
      this.store.putTransfer({ ...next(record, time), status: 'ended', endedAt: time }).catch(this.onError);
    }
  }

  private count(before: TransferRecord | undefined, after: TransferRecord, event: TransferEvent): void {
    if (event.type === 'transfer.attempt.started')
      this.metrics.attemptStarted(event.data.attempt.method, event.data.attempt.trunk);
    if (after.outcome === null || after.state === 'pending' || before?.outcome != null) return;
    const seconds = (Date.parse(after.updatedAt) - Date.parse(after.createdAt)) / 1000;
    const method = after.attempts.at(-1)?.method ?? 'invite';
    this.metrics.transferEnded(method, after.state, after.outcome, seconds);
  }
}

function apply(
  record: TransferRecord | undefined,
  event: PublishedEvent & TransferEvent,
  call: RecordedCall,
): TransferRecord | undefined {
  if (event.type === 'transfer.requested') return opened(event, call);
  if (record === undefined) return undefined;
  const changed = next(record, event.time);
  switch (event.type) {
    case 'transfer.attempt.started': {
      const { n, target, method, trunk } = event.data.attempt;
      const blank = { ringingAt: null, answeredAt: null, endedAt: null, outcome: null, evidence: null };
      return {
        ...changed,
        attempts: [...record.attempts, { n, target, method, trunk, startedAt: event.time, ...blank }],
      };
    }
    case 'transfer.attempt.ringing':
      return withAttempt(changed, { ringingAt: event.time });
    case 'transfer.attempt.answered':
      return withAttempt(changed, { answeredAt: event.time });
    case 'transfer.attempt.ended':
      return withAttempt(changed, {
        endedAt: event.time,
        outcome: event.data.outcome,
        evidence: event.data.evidence,
      });
    case 'transfer.degraded':
      return changed;
    case 'transfer.bridged':
      return { ...changed, status: 'active' };
    case 'transfer.returned':
      return { ...changed, status: 'ended', endedAt: event.time };
    case 'transfer.completed':
    case 'transfer.failed':
    case 'transfer.cancelled':
      return concluded(changed, event);
  }
}

const next = (record: TransferRecord, time: string): TransferRecord => ({
  ...record,
  updatedAt: time,
  revision: record.revision + 1,
});

const STATES = {
  'transfer.completed': 'completed',
  'transfer.failed': 'failed',
  'transfer.cancelled': 'cancelled',
} as const;

function concluded(
  record: TransferRecord,
  event: PublishedEvent & Extract<TransferEvent, { type: keyof typeof STATES }>,
): TransferRecord {
  const { outcome, evidence, transferStatus } = event.data;
  const status: SessionStatus = event.data.next.action === 'return' ? 'post_agent' : 'ended';
  const last = record.attempts.at(-1);
  const verdict = {
    ...record,
    state: STATES[event.type],
    status,
    outcome,
    evidence,
    transferStatus,
    endedAt: status === 'ended' ? event.time : null,
  };
  return last === undefined || last.endedAt !== null
    ? verdict
    : withAttempt(verdict, { endedAt: event.time, outcome, evidence });
}

function withAttempt(record: TransferRecord, change: Partial<AttemptRecord>): TransferRecord {
  const last = record.attempts.at(-1);
  return last === undefined
    ? record
    : { ...record, attempts: [...record.attempts.slice(0, -1), { ...last, ...change }] };
}

function opened(
  event: PublishedEvent & Extract<BotEvent, { type: 'transfer.requested' }>,
  call: RecordedCall,
): TransferRecord {
  const { transferId, sessionId, targets, reason, metadata } = event.data;
  return {
    transferId,
    sessionId,
    callId: event.callId,
    contact: call.contact,
    agent: call.agent,
    provider: 'sip',
    channelId: event.channel,
    channel: 'voice',
    status: 'pending',
    state: 'pending',
    queue: null,
    targets,
    reason,
    outcome: null,
    evidence: null,
    transferStatus: null,
    attempts: [],
    providerSessionId: null,
    metadata,
    providerData: {},
    createdAt: event.time,
    updatedAt: event.time,
    endedAt: null,
    revision: 1,
  };
}
