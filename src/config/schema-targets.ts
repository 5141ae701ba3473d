import { Type } from 'typebox';
import { provider } from './schema-sessions.js';
import { NAME, milliseconds, strict } from './strict-object.js';

const postDial = Type.Optional(
  Type.String({ description: 'Keys sent after the answer; w = a pause of 500 ms', format: 'post-dial' }),
);

/** A target as configuration names one (CONTRACT 3 `T`). */
export const targetSchema = Type.Union([
  strict({ phoneNumber: Type.String({ format: 'phone-number' }), postDial }),
  strict({ sipUri: Type.String({ format: 'sip-target' }), postDial }),
  strict({ queue: Type.String({ minLength: 1 }) }),
  strict({ extension: Type.String({ minLength: 1 }), postDial }),
]);

const queue = strict({
  members: Type.Array(Type.String({ format: 'sip-uri' }), {
    description: 'Agents',
    minItems: 1,
    maxItems: 100,
  }),
  strategy: Type.Enum(['ringAll', 'sequential', 'roundRobin'], {
    description: 'Who is rung: all at once, one after the other, or the same starting one further each time',
    default: 'ringAll',
  }),
  maxWaitMs: milliseconds(
    'Longest wait of a caller, divided among members that ring in turn',
    1000,
    3_600_000,
    60_000,
  ),
  music: Type.Optional(
    Type.String({
      description: 'WAV file a waiting caller hears, where media is anchored',
      format: 'sound-file',
      minLength: 1,
    }),
  ),
  provider: Type.Optional(provider),
  overflow: Type.Optional(
    Type.Union([strict({ node: Type.String({ minLength: 1 }) }), ...targetSchema.anyOf], {
      description: 'Where a caller goes whom no member answered: a node of the bot, or a target',
    }),
  ),
});

export const targetsSchema = strict(
  {
    queues: Type.Record(Type.String({ pattern: NAME }), queue, {
      description: 'Queues by name',
      default: {},
    }),
    extensions: Type.Record(Type.String({ pattern: NAME }), targetSchema, {
      description: 'Extensions and what they stand for',
      default: {},
    }),
  },
  { description: 'Names a command may use', default: {} },
);
