import { Type } from 'typebox';
import { closed, nullable, oneOf, ref, timestamp } from './named.js';

const text = Type.String();

export const Leg = Type.Object(
  { id: text, phase: text, sipCallId: nullable(text) },
  { $id: 'Leg', description: '`caller`, `bot`, or `agent-<n>` for the n-th target dialled.', ...closed },
);

export const Call = Type.Object(
  {
    callId: text,
    engine: Type.String({ description: 'The engine that has it.' }),
    channel: text,
    phase: text,
    from: text,
    to: text,
    startedAt: timestamp(),
    legs: Type.Array(ref('Leg')),
    transferId: nullable(text),
  },
  { $id: 'Call', description: 'A live call with its legs and its pending transfer.', ...closed },
);

export const CallList = Type.Object(
  {
    items: Type.Array(ref('Call')),
    partial: Type.Optional(
      Type.Array(Type.Object({ engine: nullable(text), detail: text }, closed), {
        description: 'Engines whose calls are missing here, and why; `null`: which there are is not known.',
      }),
    ),
  },
  { $id: 'CallList', ...closed },
);

export const CallEnding = Type.Object(
  { callId: text },
  { $id: 'CallEnding', description: 'Every leg is being hung up; `call.ended` says when.', ...closed },
);

export const RECORDING_ACTIONS = ['pause', 'resume', 'stop'] as const;
export type RecordingAction = (typeof RECORDING_ACTIONS)[number];

export const RecordingAsked = Type.Object(
  { callId: text, action: oneOf(RECORDING_ACTIONS) },
  {
    $id: 'RecordingAsked',
    description: 'The media server is asked; `call.recording` says what became of it.',
    ...closed,
  },
);

export const Ladder = Type.Object(
  {
    callId: text,
    entries: Type.Array(
      Type.Object(
        {
          at: Type.Number({ description: 'Milliseconds since the epoch.' }),
          offsetMs: Type.Number({ description: 'Milliseconds since the first message.' }),
          leg: text,
          direction: oneOf(['in', 'out'], 'in: received by the engine; out: sent by it.'),
          text,
          sdp: Type.Boolean(),
          peer: nullable(text),
        },
        closed,
      ),
    ),
  },
  { $id: 'Ladder', description: 'Every SIP message of the call, oldest first.', ...closed },
);
