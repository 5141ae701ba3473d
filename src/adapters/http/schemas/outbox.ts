import { Type } from 'typebox';
import { closed, nullable, oneOf, ref, timestamp } from './named.js';

const text = Type.String();
const count = Type.Integer();

export const PublishedEvent = Type.Object(
  {
    id: text,
    seq: count,
    type: text,
    time: timestamp(),
    callId: text,
    channel: text,
    data: Type.Record(Type.String(), Type.Unknown()),
  },
  { $id: 'Event', description: 'An event in the native envelope; `data` by its type.', ...closed },
);

export const EventPage = Type.Object(
  {
    items: Type.Array(Type.Object({ cursor: text, event: ref('Event') }, closed)),
    cursor: nullable(Type.String({ description: '`after` of the next page; null: the log is empty.' })),
  },
  { $id: 'EventPage', description: 'Oldest first. Fewer than `limit`: those are all, for now.', ...closed },
);

export const DeadLetter = Type.Object(
  {
    event: ref('Event'),
    body: Type.String({ description: 'What was sent, or was to be, in the dialect of the channel.' }),
    why: oneOf(
      ['given_up', 'endpoint_gone', 'queue_full'],
      'Refused or unanswered for too long; switched off; too much waited.',
    ),
    attempts: count,
    lastAnswer: nullable(
      Type.Object(
        {
          result: oneOf(['delivered', 'refused', 'gone', 'timeout', 'unreachable']),
          status: nullable(Type.Integer({ description: 'Of HTTP; null: no answer came.' })),
        },
        closed,
      ),
    ),
    firstTriedAt: nullable(timestamp()),
    lastTriedAt: nullable(timestamp()),
    diedAt: timestamp(),
  },
  { $id: 'DeadLetter', description: 'An event its bot could not be told.', ...closed },
);

export const DeadLetterPage = Type.Object(
  { items: Type.Array(ref('DeadLetter')), nextCursor: nullable(text) },
  { $id: 'DeadLetterPage', description: 'Oldest first. `nextCursor` null: that was all.', ...closed },
);

export const Redelivery = Type.Object(
  { eventId: text },
  {
    $id: 'Redelivery',
    description: 'It is on its way again; it stays listed until it is delivered.',
    ...closed,
  },
);

export const Redeliveries = Type.Object(
  { channel: nullable(text), letters: count },
  { $id: 'Redeliveries', description: 'How many dead letters there are; they are being sent.', ...closed },
);

export const BotState = Type.Object(
  {
    channel: text,
    url: nullable(Type.String({ description: 'Without user, password and query.' })),
    dialect: text,
    state: oneOf(['up', 'disabled']),
    since: nullable(timestamp()),
    why: nullable(text),
    connected: Type.Integer({ description: 'Bots on a WebSocket to this engine.' }),
    waiting: Type.Integer({ description: 'Events this engine has not delivered yet.' }),
    deadLetters: Type.Integer({ description: 'Of this channel, from all engines.' }),
  },
  { $id: 'BotState', description: 'How events get to the bot of a channel.', ...closed },
);

export const BotList = Type.Object({ items: Type.Array(ref('BotState')) }, { $id: 'BotList', ...closed });
