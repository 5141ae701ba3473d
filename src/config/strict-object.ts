import { type TProperties, type TObjectOptions, Type } from 'typebox';

/** A mapping in which an unknown key is an error: everywhere in the configuration. */
export const strict = <P extends TProperties>(properties: P, options: TObjectOptions = {}) =>
  Type.Object(properties, { additionalProperties: false, ...options });

/** Keys users choose themselves: trunks, channels, queues. A JAICP bot id (`237-test-237-VDQ-28334674`) is one. */
export const NAME = '^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$';

/** A duration in ms with its bounds. */
export const milliseconds = (description: string, minimum: number, maximum: number, usual: number) =>
  Type.Integer({ description, minimum, maximum, default: usual });

/** Text that must never be shown; beside it stands `<name>File`, read at start. */
export const secret = (description: string, options: { format?: string } = {}) =>
  Type.Optional(Type.String({ description, minLength: 1, maxLength: 4096, writeOnly: true, ...options }));

export const secretFile = (of: string) =>
  Type.Optional(
    Type.String({ description: `File that holds \`${of}\`, relative to the configuration`, minLength: 1 }),
  );
