import { durationsOf } from '../../ports/durations.js';
import type { TransferRecord } from '../../ports/transfer-record.js';

/** What lists show of a contact: enough to tell two apart. */
const CONTACT_SHOWN = 8;

/** A record as it is shown: how long everything took so far, and without the command, which is between bot and target. */
export function sessionView({ command, ...record }: TransferRecord, now: number): object {
  const { channel, sessionId, state } = record;
  return {
    ...record,
    ...durationsOf(record, now),
    retryable: command !== null && (state === 'failed' || state === 'cancelled'),
    ladder: channel === 'voice' ? `/v1/transfer-sessions/${encodeURIComponent(sessionId)}/ladder` : null,
  };
}

export function sessionRow(record: TransferRecord, now: number): object {
  const { contact } = record;
  const shown = contact.length > CONTACT_SHOWN ? `${contact.slice(0, CONTACT_SHOWN)}…` : contact;
  return sessionView({ ...record, contact: shown }, now);
}
