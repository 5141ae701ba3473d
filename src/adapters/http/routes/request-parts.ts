import { Type, type TObject, type TSchema } from 'typebox';
import type { BodyFormat } from '../options.js';

export const pathParam = (name: string): TObject => Type.Object({ [name]: Type.String() });

export const idempotencyHeader = Type.Object({
  'Idempotency-Key': Type.Optional(
    Type.String({
      maxLength: 255,
      description: 'The same key with the same body is carried out once, within 24 h.',
    }),
  ),
});

/** The schema of a body as the description shows it; the parser beside it does the checking. */
export const bodySchema = (format: BodyFormat<unknown>): TSchema => ({
  ...format.schema,
  ...(format.examples === undefined ? {} : { examples: Object.values(format.examples) }),
});
