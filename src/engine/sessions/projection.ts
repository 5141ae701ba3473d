import type { BotEvent } from '../../domain/bot-event.js';
import type { TransferCommand } from '../../domain/command.js';
import type { TransferId } from '../../domain/ids.js';
import type { PublishedEvent } from '../../ports/bot-runtime.js';
import type { AttemptRecord, EndReason, TransferRecord } from '../../ports/transfer-record.js';
import type { Destination } from './destination.js';

/** An event of a transfer, as published. */
export type TransferEvent = PublishedEvent & Extract<BotEvent, { data: { transferId: TransferId } }>;

type Requested = TransferEvent & Extract<BotEvent, { type: 'transfer.requested' }>;
type Terminal = Extract<TransferEvent, { type: keyof typeof STATES }>;

/** What a record says about its call. */
export interface RecordedCall {
  readonly contact: string;
  readonly agent: string;
}

/** What a record says that its events do not. */
export interface Circumstances {
  readonly call: RecordedCall;
  readonly command: TransferCommand | null;
  /** Where a label leads, by the trunk of its attempt. */
  readonly destination: (label: string, trunk: string | null) => Destination;
}

/** Provider of a target the configuration says nothing about. */
const PLAIN_SIP = 'sip';

/** The record after an event; `undefined`: the event is of no record we know. */
export function project(
  record: TransferRecord | undefined,
  event: TransferEvent,
  circumstances: Circumstances,
): TransferRecord | undefined {
  if (event.type === 'transfer.requested') return opened(event, circumstances);
  if (record === undefined) return undefined;
  const changed = touched(record, event.time);
  switch (event.type) {
    case 'transfer.attempt.started':
      return sought(changed, event, circumstances);
    case 'transfer.attempt.ringing':
      return withAttempt(changed, { ringingAt: event.time });
    case 'transfer.attempt.answered':
      return withAttempt(changed, { answeredAt: event.time });
    case 'transfer.attempt.ended': {
      const { outcome, evidence } = event.data;
      return withAttempt(changed, { endedAt: event.time, outcome, evidence });
    }
    case 'transfer.degraded':
    // The caller is with its bot again, which has its own to say to it yet: the session is not over.
    case 'transfer.returned':
      return changed;
    case 'transfer.bridged':
      return { ...changed, status: 'active', activeAt: event.time };
    case 'transfer.completed':
    case 'transfer.failed':
    case 'transfer.cancelled':
      return concluded(changed, event);
  }
}

/** One more change. */
export const touched = (record: TransferRecord, time: string): TransferRecord => ({
  ...record,
  updatedAt: time,
  revision: record.revision + 1,
});

/** The session is over. */
export const ended = (record: TransferRecord, time: string, endReason: EndReason): TransferRecord => ({
  ...record,
  status: 'ended',
  endedAt: time,
  endReason,
  expiresAt: null,
});

function sought(
  record: TransferRecord,
  event: Extract<TransferEvent, { type: 'transfer.attempt.started' }>,
  { destination }: Circumstances,
): TransferRecord {
  const { n, target, method, trunk } = event.data.attempt;
  const blank = { ringingAt: null, answeredAt: null, endedAt: null, outcome: null, evidence: null };
  const { queue, provider } = destination(target, trunk);
  return {
    ...record,
    attempts: [...record.attempts, { n, target, method, trunk, startedAt: event.time, ...blank }],
    status: queue === null ? 'pending' : 'queued',
    queue: queue ?? record.queue,
    provider: provider?.name ?? PLAIN_SIP,
  };
}

const STATES = {
  'transfer.completed': 'completed',
  'transfer.failed': 'failed',
  'transfer.cancelled': 'cancelled',
} as const;

function concluded(record: TransferRecord, event: Terminal): TransferRecord {
  const { outcome, evidence, transferStatus, next } = event.data;
  const state = STATES[event.type];
  const verdict: TransferRecord = {
    ...record,
    ...{ state, outcome, evidence, transferStatus, verdictAt: event.time },
    followUp: state === 'failed' ? { state: 'open' } : null,
  };
  const last = record.attempts.at(-1);
  const told =
    last === undefined || last.endedAt !== null
      ? verdict
      : withAttempt(verdict, { endedAt: event.time, outcome, evidence });
  if (next.action === 'return') return { ...told, status: 'post_agent' };
  return ended(told, event.time, endReasonOf(event));
}

function endReasonOf({ type, data: { outcome, evidence } }: Terminal): EndReason {
  if (evidence.decidedBy === 'interrupted') return 'interrupted';
  switch (type) {
    case 'transfer.completed':
      return evidence.phase === 'bridge' ? 'completed' : 'handed_over';
    case 'transfer.failed':
      return outcome === 'caller_hangup' ? 'abandoned' : 'failed';
    case 'transfer.cancelled':
      return 'cancelled';
  }
}

function withAttempt(record: TransferRecord, change: Partial<AttemptRecord>): TransferRecord {
  const last = record.attempts.at(-1);
  return last === undefined
    ? record
    : { ...record, attempts: [...record.attempts.slice(0, -1), { ...last, ...change }] };
}

function opened(event: Requested, { call, command, destination }: Circumstances): TransferRecord {
  const { transferId, sessionId, targets, reason, metadata } = event.data;
  const [first] = targets;
  const provider = first === undefined ? null : destination(first, null).provider;
  return {
    ...{ transferId, sessionId, callId: event.callId, ...call },
    ...{ provider: provider?.name ?? PLAIN_SIP, channelId: event.channel, channel: 'voice' },
    ...{ status: 'pending', state: 'pending', queue: null, targets, reason, command },
    ...{ outcome: null, evidence: null, transferStatus: null, attempts: [], followUp: null },
    ...{ providerSessionId: null, metadata, providerData: {} },
    ...{ createdAt: event.time, updatedAt: event.time, activeAt: null, verdictAt: null },
    ...{ endedAt: null, endReason: null, expiresAt: null, revision: 1 },
  };
}
