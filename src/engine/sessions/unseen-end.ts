import type { Evidence, Outcome } from '../../domain/outcome.js';
import { TAKEN_OVER, type EndReason, type TransferRecord } from '../../ports/transfer-record.js';
import { ended } from './projection.js';

/**
 * The end of a session nobody tells us the end of. What had a person had what it was for; what had none waited for
 * nothing, and somebody should look after that. The engine that had its call, should it come back, is too late.
 */
export function endedUnseen(record: TransferRecord, time: string, reason: EndReason): TransferRecord {
  const ahead = record.channel === 'voice' ? TAKEN_OVER : 1;
  const over = ended({ ...record, updatedAt: time, revision: record.revision + ahead }, time, reason);
  if (record.state !== 'pending') return over;
  const verdict = { verdictAt: time, evidence: evidenceOf(record) };
  if (record.activeAt !== null) return { ...over, ...verdict, state: 'completed', outcome: 'answered' };
  if (reason === 'closed' || reason === 'cancelled')
    return { ...over, ...verdict, state: 'cancelled', outcome: 'cancelled' };
  const outcome: Outcome = reason === 'expired' ? 'no_answer' : 'unknown';
  return { ...over, ...verdict, state: 'failed', outcome, followUp: { state: 'open' } };
}

/** Of a call: that we decided, for want of anybody else. */
const evidenceOf = ({ channel, activeAt, attempts }: TransferRecord): Evidence | null =>
  channel === 'voice'
    ? {
        ...{ sipCode: null, sipReason: null, q850: null, decidedBy: 'engine' },
        ...{ phase: activeAt === null ? 'invite' : 'bridge', attempt: attempts.length },
      }
    : null;
