import type { FastifyInstance, FastifyRequest } from 'fastify';
import { AppError } from '../../errors.js';

/** JSON is the only body; any other Content-Type is 415. */
export function acceptJsonOnly(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (request, text, done) => {
    try {
      done(null, parse(request, String(text)));
    } catch (error) {
      done(error as Error);
    }
  });
}

function parse(request: FastifyRequest, text: string): unknown {
  // Clients that always set Content-Type send an empty body with DELETE; there is nothing to read then.
  if (text === '' && request.method === 'DELETE') return undefined;
  try {
    return JSON.parse(text, refusePrototype) as unknown;
  } catch (error) {
    if (error instanceof AppError) throw error;
    throw new AppError('malformed_json', text === '' ? 'The body is empty.' : reason(error));
  }
}

/** A `__proto__` member is never meant and dangerous to whoever merges objects later. */
function refusePrototype(key: string, value: unknown): unknown {
  if (key === '__proto__') throw new AppError('malformed_json', 'A member is named __proto__.');
  return value;
}

function reason(error: unknown): string {
  // The reviver calls itself for every level.
  if (error instanceof RangeError) return 'It is nested too deeply.';
  return error instanceof Error ? `${error.message}.` : 'It cannot be parsed.';
}
