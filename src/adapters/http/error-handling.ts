import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { AppError, ERRORS } from '../../errors.js';
import { appErrorOf } from './app-error-of.js';
import { PROBLEM_TYPE, problemOf } from './problem.js';

/** Everything that goes wrong leaves as a problem document of the catalogue (RFC 9457). */
export function handleErrors(app: FastifyInstance): void {
  app.setErrorHandler((error, request, reply) => sendProblem(error, request, reply));
  app.setNotFoundHandler((request, reply) => {
    const path = request.url.split('?', 1)[0] ?? '';
    return sendProblem(
      new AppError('not_found', `Nothing answers ${request.method} ${path}.`),
      request,
      reply,
    );
  });
}

export function sendProblem(thrown: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const error = appErrorOf(thrown);
  const problem = problemOf(error, request.id);
  if (problem.status >= 500) request.log.error({ err: thrown, code: error.code }, 'request failed');
  if (error.code === 'unauthorized') void reply.header('www-authenticate', 'Bearer');
  const { retryAfterMs } = error.extra;
  // RFC 9110 10.2.3 counts whole seconds; less than was asked for would only be refused again.
  if (retryAfterMs !== undefined)
    void reply.header('retry-after', String(Math.ceil(Number(retryAfterMs) / 1000)));
  // A request refused before its body was read: what is left of it must not be taken for the next request.
  if (error.code === 'payload_too_large') void reply.header('connection', 'close');
  // As bytes: for a string or an object the framework adds a charset, which JSON media types do not have.
  return reply
    .code(problem.status)
    .type(PROBLEM_TYPE)
    .send(Buffer.from(JSON.stringify(problem)));
}

/** Bytes that are not HTTP never become a request; they are answered on the bare socket. */
export function answerGarbage(error: { readonly code?: string }, socket: Socket, requestId: string): void {
  if (!socket.writable || error.code === 'ECONNRESET') {
    socket.destroy();
    return;
  }
  const problem = problemOf(new AppError('bad_request', 'This is not a readable HTTP request.'), requestId);
  const body = JSON.stringify(problem);
  const { status } = ERRORS.bad_request;
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}`,
    `content-type: ${PROBLEM_TYPE}`,
    `content-length: ${Buffer.byteLength(body)}`,
    'connection: close',
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`);
}
