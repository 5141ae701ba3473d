import type { FastifyInstance } from 'fastify';
import type { Clock } from '../../ports/clock.js';
import { sendProblem } from './error-handling.js';

/**
 * Every request is answered in time, with a 500 when nothing else came: the engine or a store that hangs must not
 * hang the client. (The framework's own `handlerTimeout` ends with the request's last byte, so it guards nothing.)
 */
export function answerInTime(app: FastifyInstance, clock: Clock, ms: number): void {
  app.addHook('onRequest', (request, reply, done) => {
    const cancel = clock.after(ms, () => {
      if (!reply.sent)
        sendProblem(new Error(`no answer to ${request.method} within ${ms} ms`), request, reply);
    });
    reply.raw.once('close', cancel);
    done();
  });
}
