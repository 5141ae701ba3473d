import { Type, type TSchema } from 'typebox';

/** A reference to a component of the API description, added to the server under this `$id`. */
export const ref = (id: string): TSchema => Type.Unsafe({ $ref: `${id}#` });

export const nullable = (schema: TSchema): TSchema => Type.Union([schema, Type.Null()]);

export const oneOf = (words: readonly string[], description?: string): TSchema =>
  Type.Unsafe({ type: 'string', enum: [...words], ...(description === undefined ? {} : { description }) });

export const timestamp = (): TSchema => Type.String({ format: 'date-time' });

/** Objects say everything they may contain: a member nobody described is a mistake of ours. */
export const closed = { additionalProperties: false } as const;
