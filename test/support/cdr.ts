import { callId } from '../../src/domain/ids.js';
import type { CallDetailRecord } from '../../src/ports/cdr.js';

/** The detail record of call `n`. */
export const aCdr = (n: number): CallDetailRecord => ({
  version: 1,
  callId: callId(String(n)),
  ...{ channel: 'line', trunk: 'carrier', from: '16125550000', to: '18005550000' },
  ...{ startedAt: '2026-01-01T00:00:00.000Z', answeredAt: '2026-01-01T00:00:01.000Z' },
  ...{ endedAt: '2026-01-01T00:00:09.000Z', durationMs: 9000, answeredMs: 8000 },
  ...{ endedBy: 'caller', sipCode: null, reason: 'Schluß "jetzt"\nwirklich', containment: 'contained' },
  legs: [{ leg: 'caller', trunk: 'carrier', sipCallId: 'abc' }],
  transfers: [],
});
