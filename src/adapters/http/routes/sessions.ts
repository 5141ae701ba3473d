import type { FastifyInstance } from 'fastify';
import { Type } from 'typebox';
import { asCallId, asSessionId } from '../../../domain/ids.js';
import { AppError } from '../../../errors.js';
import type { SessionStatus } from '../../../ports/transfer-record.js';
import type { Deps } from '../options.js';
import { oneOf } from '../schemas/named.js';
import { answer, problems } from '../schemas/problems.js';
import { SESSION_STATUSES } from '../schemas/transfer.js';
import { pathParam } from './request-parts.js';

interface ListQuery {
  readonly status?: SessionStatus;
  readonly callId?: string;
  readonly channelId?: string;
  readonly limit: number;
  readonly cursor?: string;
}

/** Records of transfers (CONTRACT 6). */
export function sessionRoutes(app: FastifyInstance, deps: Deps): void {
  listSessions(app, deps);
  showSession(app, deps);
}

function listSessions(app: FastifyInstance, { store }: Deps): void {
  const schema = {
    tags: ['sessions'],
    summary: 'Transfer sessions, newest first',
    querystring: Type.Object({
      status: Type.Optional(oneOf(SESSION_STATUSES)),
      callId: Type.Optional(Type.String()),
      channelId: Type.Optional(Type.String()),
      limit: Type.Integer({ minimum: 1, maximum: 200, default: 50 }),
      cursor: Type.Optional(Type.String({ description: '`nextCursor` of the page before.' })),
    }),
    response: { 200: answer('TransferPage', 'One page.'), ...problems('invalid_field', 'store_unavailable') },
  };
  app.get<{ Querystring: ListQuery }>('/v1/transfer-sessions', { schema }, (request) => {
    const { callId, ...filter } = request.query;
    return store.listTransfers({ ...filter, ...(callId === undefined ? {} : { callId: asCallId(callId) }) });
  });
}

function showSession(app: FastifyInstance, { store }: Deps): void {
  const schema = {
    tags: ['sessions'],
    summary: 'One transfer session',
    params: pathParam('sessionId'),
    response: {
      200: answer('TransferRecord', 'The session.'),
      ...problems('session_not_found', 'store_unavailable'),
    },
  };
  app.get<{ Params: { sessionId: string } }>(
    '/v1/transfer-sessions/:sessionId',
    { schema },
    async (request) => {
      const { sessionId } = request.params;
      const record = await store.getSession(asSessionId(sessionId));
      if (record === undefined) throw new AppError('session_not_found', `There is no session ${sessionId}.`);
      return record;
    },
  );
}
