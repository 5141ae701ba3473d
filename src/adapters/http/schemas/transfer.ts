import { Type } from 'typebox';
import { OUTCOMES } from '../../../domain/outcome.js';
import { closed, nullable, oneOf, ref, timestamp } from './named.js';

const text = Type.String();
const count = Type.Integer();

export const Evidence = Type.Object(
  {
    sipCode: nullable(count),
    sipReason: nullable(text),
    q850: nullable(count),
    phase: text,
    decidedBy: text,
    attempt: count,
  },
  { $id: 'Evidence', description: 'What was seen behind the outcome; null: was not there.', ...closed },
);

export const TransferStatus = Type.Object(
  { status: oneOf(['SUCCESS', 'FAIL']), hangup: Type.Boolean(), number: text },
  {
    $id: 'TransferStatus',
    description: '`hangup`: the caller is gone. `number`: the target as the command gave it.',
    examples: [{ status: 'SUCCESS', hangup: false, number: '16123456789' }],
    ...closed,
  },
);

export const Attempt = Type.Object(
  {
    n: count,
    target: text,
    method: text,
    trunk: nullable(text),
    startedAt: timestamp(),
    ringingAt: nullable(timestamp()),
    answeredAt: nullable(timestamp()),
    endedAt: nullable(timestamp()),
    outcome: nullable(oneOf(OUTCOMES)),
    evidence: nullable(ref('Evidence')),
  },
  { $id: 'Attempt', description: 'One target, tried once by one method.', ...closed },
);

export const TransferAccepted = Type.Object(
  { transferId: text, sessionId: text },
  {
    $id: 'TransferAccepted',
    description: 'The transfer has begun; its outcome comes as exactly one terminal event.',
    examples: [
      {
        transferId: 'tr_6b0c2a0e-8f0e-4c59-9d06-5f7f6a1c9d11',
        sessionId: 'agent_transfer:6b0c2a0e-8f0e-4c59-9d06-5f7f6a1c9d11:call_5d2f:support-line',
      },
    ],
    ...closed,
  },
);

export const TransferCancelling = Type.Object(
  { transferId: text },
  {
    $id: 'TransferCancelling',
    description: 'The target is being cancelled; the event says when.',
    ...closed,
  },
);

export const RepliesAccepted = Type.Object(
  {
    transferId: Type.Optional(text),
    sessionId: Type.Optional(text),
    replies: Type.Array(
      Type.Object(
        { type: text, status: oneOf(['accepted', 'skipped']), detail: Type.Optional(text) },
        closed,
      ),
    ),
  },
  {
    $id: 'RepliesAccepted',
    description: 'What became of each reply, in order; the transfer of the `switch` when there was one.',
    ...closed,
  },
);
