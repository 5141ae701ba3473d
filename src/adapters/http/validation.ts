import { Ajv } from 'ajv';
import type { FastifyInstance } from 'fastify';

/**
 * Queries are checked here, numbers and booleans read from their text. A name nobody knows is refused: `dryrun=true` must
 * not place a call, nor `chanel=x` answer for all channels. Bodies and headers are not: a command is
 * parsed by code that names the field better than a schema can. Answers are plain JSON: their schemas describe,
 * and a test holds the answers to them; nothing is dropped on the way out.
 */
export function validateQueries(app: FastifyInstance): void {
  const ajv = new Ajv({ coerceTypes: true, useDefaults: true, allErrors: true, strict: false });
  app.setValidatorCompiler(({ schema, httpPart }) =>
    httpPart === 'querystring'
      ? ajv.compile({ ...(schema as object), additionalProperties: false })
      : () => true,
  );
  app.setSerializerCompiler(() => (data) => JSON.stringify(data));
}
