import { asSessionId, asTransferId, callId, eventId } from '../../src/domain/ids.js';
import type { PublishedEvent } from '../../src/ports/bot-runtime.js';
import type { TransferRecord } from '../../src/ports/transfer-record.js';

const time = '2026-01-01T00:00:00.000Z';

/** A pending transfer record `n`; anything may be overridden. */
export function aRecord(n: number, over: Partial<TransferRecord> = {}): TransferRecord {
  return {
    transferId: asTransferId(`tr_${n}`),
    sessionId: asSessionId(`agent_transfer:${n}:call_1:line`),
    callId: callId('1'),
    contact: '16125550000',
    agent: 'sip:bot@127.0.0.1',
    provider: 'sip',
    channelId: 'line',
    channel: 'voice',
    status: 'pending',
    state: 'pending',
    queue: null,
    targets: ['16123456789'],
    reason: null,
    outcome: null,
    evidence: null,
    transferStatus: null,
    attempts: [],
    providerSessionId: null,
    metadata: {},
    providerData: {},
    command: null,
    followUp: null,
    createdAt: new Date(Date.parse(time) + n).toISOString(),
    updatedAt: time,
    activeAt: null,
    verdictAt: null,
    endedAt: null,
    endReason: null,
    expiresAt: null,
    revision: 1,
    ...over,
  };
}

/** The same record with a verdict. */
export function endedRecord(n: number, over: Partial<TransferRecord> = {}): TransferRecord {
  return aRecord(n, {
    status: 'ended',
    state: 'failed',
    outcome: 'busy',
    evidence: {
      sipCode: 486,
      sipReason: 'Busy Here',
      q850: 17,
      phase: 'invite',
      decidedBy: 'far_end',
      attempt: 1,
    },
    transferStatus: { status: 'FAIL', hangup: false, number: String(n) },
    verdictAt: time,
    endedAt: time,
    endReason: 'failed',
    ...over,
  });
}

/** Event `n` of a call, `call.started` unless told otherwise. */
export function anEvent(n: number, call = '1', over: Partial<PublishedEvent> = {}): PublishedEvent {
  return {
    id: eventId(`${call}-${n}`),
    seq: n,
    time,
    callId: callId(call),
    channel: 'line',
    type: 'call.started',
    data: { from: '16125550000', to: '18005550000', trunk: 'carrier' },
    ...over,
  } as PublishedEvent;
}

/** A terminal event of a failed transfer. */
export function aFailure(n: number, call = '1', channel = 'line'): PublishedEvent {
  return anEvent(n, call, {
    channel,
    type: 'transfer.failed',
    data: {
      transferId: asTransferId('tr_1'),
      sessionId: asSessionId('agent_transfer:1:call_1:line'),
      outcome: 'busy',
      evidence: {
        sipCode: 486,
        sipReason: 'Busy Here',
        q850: 17,
        phase: 'invite',
        decidedBy: 'far_end',
        attempt: 1,
      },
      next: { action: 'stay', node: null, message: null },
      transferStatus: { status: 'FAIL', hangup: false, number: '16123456789' },
    },
  });
}
