import { Type } from 'typebox';
import { OUTCOMES } from '../../../domain/outcome.js';
import {
  CHANNEL_KINDS,
  END_REASONS,
  SESSION_STATUSES,
  TRANSFER_STATES,
} from '../../../ports/transfer-record.js';
import { SESSION_ACTIONS } from '../../../ports/sessions.js';
import { closed, nullable, oneOf, ref, timestamp } from './named.js';

const text = Type.String();
const anything = Type.Record(Type.String(), Type.Unknown());
const ms = (description: string) => Type.Integer({ minimum: 0, description });

export const FollowUp = Type.Object(
  {
    state: oneOf(['open', 'done']),
    at: Type.Optional(timestamp()),
    by: Type.Optional(
      oneOf(['api', 'later_transfer'], '`later_transfer`: one of the same call reached somebody'),
    ),
    note: Type.Optional(nullable(text)),
  },
  { $id: 'FollowUp', description: 'Somebody asked for a person and did not get one.', ...closed },
);

export const TransferRecord = Type.Object(
  {
    transferId: text,
    sessionId: text,
    callId: Type.String({ description: 'Its call; of a session without one, its conversation.' }),
    contact: Type.String({ description: 'The end user; in lists only the beginning.' }),
    agent: text,
    provider: text,
    channelId: text,
    channel: oneOf(CHANNEL_KINDS),
    status: oneOf(SESSION_STATUSES),
    state: oneOf(TRANSFER_STATES),
    queue: nullable(text),
    targets: Type.Array(text),
    reason: nullable(text),
    outcome: nullable(oneOf(OUTCOMES)),
    evidence: nullable(ref('Evidence')),
    transferStatus: nullable(ref('TransferStatus')),
    attempts: Type.Array(ref('Attempt')),
    providerSessionId: nullable(text),
    metadata: anything,
    providerData: anything,
    retryable: Type.Boolean({ description: 'The action `retry` would give its command once more.' }),
    followUp: nullable(ref('FollowUp')),
    createdAt: timestamp(),
    updatedAt: timestamp(),
    activeAt: nullable(timestamp()),
    verdictAt: nullable(timestamp()),
    endedAt: nullable(timestamp()),
    endReason: nullable(oneOf(END_REASONS)),
    expiresAt: nullable(timestamp()),
    durationMs: ms('Since the command, to the end of the session.'),
    waitMs: ms('Until somebody was there, or it was clear that nobody would be.'),
    talkMs: nullable(ms('With the person; null: not yet, never, or out of our sight.')),
    ladder: nullable(Type.String({ description: 'Path of its SIP ladder; null: it has no call.' })),
    revision: Type.Integer({ minimum: 1, description: 'Grows with every change of the engine.' }),
  },
  { $id: 'TransferRecord', description: 'One transfer from its command to its end.', ...closed },
);

export const TransferPage = Type.Object(
  { items: Type.Array(ref('TransferRecord')), nextCursor: nullable(text) },
  {
    $id: 'TransferPage',
    description:
      'Newest first. `nextCursor` null: that was all. Where few records match, a page may hold fewer than asked for, or none, and still have a next one.',
    ...closed,
  },
);

export const SessionActed = Type.Object(
  {
    action: oneOf(SESSION_ACTIONS),
    sessionId: text,
    transfer: nullable(ref('TransferAccepted')),
  },
  {
    $id: 'SessionActed',
    description: 'It is being done; the record and the events say when. `transfer`: what a retry has begun.',
    ...closed,
  },
);
