import { AppError } from '../../errors.js';
import type { SessionStatus, TransferRecord } from '../../ports/transfer-record.js';
import { ended } from './projection.js';

/** Where a session without a call may go from where it is: forward, and from a person back to a queue. */
const NEXT: Readonly<Record<SessionStatus, readonly SessionStatus[]>> = {
  pending: ['queued', 'active', 'ended'],
  queued: ['queued', 'active', 'ended'],
  active: ['active', 'queued', 'post_agent', 'ended'],
  post_agent: ['post_agent', 'ended'],
  ended: [],
};

/** @throws AppError `session_state` */
export function moved(record: TransferRecord, status: SessionStatus, time: string): TransferRecord {
  if (!NEXT[record.status].includes(status))
    throw new AppError('session_state', `a session that is ${record.status} does not become ${status}`);
  switch (status) {
    case 'pending':
    case 'queued':
      return { ...record, status };
    case 'active':
      return { ...record, status, activeAt: record.activeAt ?? time };
    case 'post_agent':
      return { ...withVerdict(record, time), status };
    case 'ended':
      return ended(withVerdict(record, time), time, record.activeAt === null ? 'closed' : 'completed');
  }
}

/** Whoever had a person had what it was for; whoever ends before is not waiting any more. */
function withVerdict(record: TransferRecord, time: string): TransferRecord {
  if (record.state !== 'pending') return record;
  return record.activeAt === null
    ? { ...record, verdictAt: time, state: 'cancelled', outcome: 'cancelled' }
    : { ...record, verdictAt: time, state: 'completed', outcome: 'answered' };
}
