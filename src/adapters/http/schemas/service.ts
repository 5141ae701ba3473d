import { Type } from 'typebox';
import { ERRORS } from '../../../errors.js';
import { closed, oneOf } from './named.js';

const text = Type.String();

export const Problem = Type.Object(
  {
    type: Type.String({ format: 'uri' }),
    title: text,
    status: Type.Integer(),
    detail: text,
    code: oneOf(Object.keys(ERRORS), 'Stable; programs look at this.'),
    help: Type.String({ description: 'The way out.' }),
    instance: Type.String({ format: 'uri', description: 'Names this occurrence; the log has the same id.' }),
    errors: Type.Optional(Type.Array(Type.Object({ path: text, message: text }, closed))),
  },
  {
    $id: 'Problem',
    description:
      'RFC 9457. Some codes add members: `transferId` of the pending transfer, or of the one the bot was told has failed; `retryAfterMs`.',
    additionalProperties: true,
  },
);

export const Readiness = Type.Object(
  {
    ready: Type.Boolean({ description: 'Calls are taken; a trunk that is down does not change that.' }),
    dependencies: Type.Record(Type.String(), Type.String()),
    details: Type.Optional(
      Type.Record(Type.String(), Type.String(), { description: 'In words, where something is wrong.' }),
    ),
  },
  {
    $id: 'Readiness',
    description:
      'One word per dependency (`engine`, `signalling`, `media`, `store`, `trunk:<name>`): up, down, degraded, draining.',
    ...closed,
  },
);

export const Health = Type.Object({ status: oneOf(['ok']), version: text }, { $id: 'Health', ...closed });
