import { type Static, Type } from 'typebox';
import { checkShape } from '../shape/check-shape.js';
import { formats } from '../shape/formats.js';
import { publicSchema } from '../shape/public-schema.js';
import { refuseIfWrong } from './refusal.js';

const line = (description: string, maxLength = 256) =>
  Type.String({ description, format: 'one-line', minLength: 1, maxLength });

const nullableLine = (description: string) => Type.Union([line(description), Type.Null()], { description });

const anything = (description: string) => Type.Record(Type.String(), Type.Unknown(), { description });

/** As in the configuration. */
const CHANNEL_ID = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;
/** It becomes part of names in the store, so it has no blanks and no braces. */
const CONVERSATION_ID = /^[A-Za-z0-9][A-Za-z0-9._:-]{0,127}$/;

const createSchema = Type.Object(
  {
    channel: Type.Enum(['chat', 'messaging', 'email', 'campaign'], {
      description: 'What the end user speaks by; sessions of calls are made by their transfers',
    }),
    contact: line('The end user'),
    channelId: Type.Optional(
      Type.String({
        description: 'Name of the channel, `channel` itself when not given',
        pattern: CHANNEL_ID.source,
      }),
    ),
    conversationId: Type.Optional(
      Type.String({
        description: 'The conversation it belongs to; made up when not given',
        pattern: CONVERSATION_ID.source,
      }),
    ),
    agent: Type.Optional(line('The bot that hands over')),
    provider: line('The system that takes it'),
    providerSessionId: Type.Optional(line('What that calls it')),
    queue: Type.Optional(line('Where it waits')),
    reason: Type.Optional(line('Why a person is asked for')),
    metadata: Type.Optional(anything('Kept as it is')),
  },
  { additionalProperties: false },
);

const changeSchema = Type.Object(
  {
    status: Type.Optional(
      Type.Enum(['queued', 'active', 'post_agent', 'ended'], {
        description: 'How far it has come; of sessions without a call only',
      }),
    ),
    queue: Type.Optional(nullableLine('Where it waits')),
    providerSessionId: Type.Optional(nullableLine('What the provider calls it')),
    providerData: Type.Optional(anything('What the provider says, in the place of what it said before')),
  },
  { additionalProperties: false, minProperties: 1 },
);

const actionSchema = Type.Object(
  {
    action: Type.Enum(['end', 'cancel', 'retry', 'return'], {
      description:
        'end everything, cancel what waits, give the command once more, or bring the caller back to its bot',
    }),
  },
  { additionalProperties: false },
);

const doneSchema = Type.Object(
  { note: Type.Optional(Type.String({ description: 'What was done', minLength: 1, maxLength: 2000 })) },
  { additionalProperties: false },
);

/** The body of `POST /v1/transfer-sessions`. */
export const newSessionBody = {
  parse: (body: unknown) => {
    // The shape check proves it.
    const given = checked(createSchema, body) as Static<typeof createSchema>;
    const { channel, contact, provider, conversationId, channelId } = given;
    refuseIfWrong([
      ...unless(CHANNEL_ID, 'channelId', channelId),
      ...unless(CONVERSATION_ID, 'conversationId', conversationId),
    ]);
    return {
      ...{ channel, contact, provider, channelId: channelId ?? channel },
      ...(conversationId !== undefined && { conversationId }),
      ...{ agent: given.agent ?? channelId ?? channel, queue: given.queue ?? null },
      ...{ providerSessionId: given.providerSessionId ?? null, reason: given.reason ?? null },
      metadata: given.metadata ?? {},
    };
  },
  schema: publicSchema(createSchema),
  examples: {
    chat: { channel: 'chat', contact: 'c0ffee00-1111-4222-8333-444455556666', provider: 'genesys' },
    email: {
      ...{ channel: 'email', contact: 'ada@example.org', provider: 'servicenow', queue: 'claims' },
      metadata: { ticket: 'INC0012345' },
    },
  },
};

/** The body of `PATCH /v1/transfer-sessions/{sessionId}`. */
export const sessionChangeBody = {
  parse: (body: unknown) => {
    const change = checked(changeSchema, body) as Static<typeof changeSchema>;
    if (Object.keys(change).length === 0) refuseIfWrong([{ path: [], message: 'says nothing' }]);
    return change;
  },
  schema: publicSchema(changeSchema),
  examples: {
    accepted: { status: 'active', providerSessionId: '5b1f9c0e' },
    data: { providerData: { participant: 'agent-17', skills: ['claims'] } },
  },
};

/** The body of `POST /v1/transfer-sessions/{sessionId}/actions`. */
export const sessionActionBody = {
  parse: (body: unknown) => checked(actionSchema, body) as Static<typeof actionSchema>,
  schema: publicSchema(actionSchema),
  examples: { return: { action: 'return' }, retry: { action: 'retry' } },
};

/** The body of `POST /v1/inbox/{sessionId}/done`. */
export const followUpBody = {
  parse: (body: unknown) => ({
    note: (checked(doneSchema, body ?? {}) as Static<typeof doneSchema>).note ?? null,
  }),
  schema: publicSchema(doneSchema),
  examples: { note: { note: 'Called back at noon.' }, plain: {} },
};

const unless = (pattern: RegExp, name: string, value: string | undefined) =>
  value === undefined || pattern.test(value)
    ? []
    : [{ path: [name], message: `must match ${pattern.source}` }];

/** @throws AppError `invalid_field` naming every wrong field */
function checked(schema: Parameters<typeof checkShape>[0], body: unknown): unknown {
  const shape = checkShape(schema, body, { formats });
  refuseIfWrong(shape.problems);
  return shape.value;
}
