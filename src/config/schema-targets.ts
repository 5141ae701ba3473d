import { Type } from 'typebox';
import { NAME, milliseconds, strict } from './strict-object.js';

/** A target as configuration names one (CONTRACT 3 `T`). */
export const targetSchema = Type.Union([
  strict({ phoneNumber: Type.String({ format: 'phone-number' }) }),
  strict({ sipUri: Type.String({ format: 'sip-target' }) }),
  strict({ queue: Type.String({ minLength: 1 }) }),
  strict({ extension: Type.String({ minLength: 1 }) }),
]);

const queue = strict({
  members: Type.Array(Type.String({ format: 'sip-uri' }), {
    description: 'Agents',
    minItems: 1,
    maxItems: 100,
  }),
  strategy: Type.Enum(['ringAll', 'serial', 'roundRobin', 'leastRecent'], {
    description: 'Who is rung',
    default: 'ringAll',
  }),
  maxWaitMs: milliseconds('Longest wait of a caller', 1000, 3_600_000, 60_000),
  music: Type.Optional(Type.String({ description: 'Sound file a waiting caller hears', minLength: 1 })),
  overflow: Type.Optional(
    Type.Union([strict({ node: Type.String({ minLength: 1 }) }), ...targetSchema.anyOf], {
      description: 'Where a caller goes who waited too long: a node of the bot, or a target',
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
