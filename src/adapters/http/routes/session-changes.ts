import type { FastifyInstance } from 'fastify';
import { asSessionId } from '../../../domain/ids.js';
import type { ErrorCode } from '../../../errors.js';
import type { Idempotency } from '../idempotency.js';
import type { Deps } from '../options.js';
import { answer, BODY_ERRORS, COMMAND_ERRORS, OTHER_ENGINE_ERRORS, problems } from '../schemas/problems.js';
import { sessionView } from '../session-view.js';
import { bodySchema, idempotencyHeader, pathParam } from './request-parts.js';

interface OfSession {
  readonly Params: { readonly sessionId: string };
}

/** What a change of a session may come to. */
const CHANGE_ERRORS: readonly ErrorCode[] = [
  ...BODY_ERRORS,
  'session_not_found',
  'session_over',
  'session_state',
  'store_unavailable',
];

export function createSession(app: FastifyInstance, deps: Deps, idempotency: Idempotency): void {
  const { sessions, clock } = deps;
  const schema = {
    tags: ['sessions'],
    summary: 'A session without a call: a chat, a mail',
    description:
      'It is a record, which its provider keeps up to date. Nothing heard of it for its time to live ends it.',
    headers: idempotencyHeader,
    body: bodySchema(sessions.bodies.create),
    response: {
      201: answer('TransferRecord', 'It is pending.'),
      ...problems(...BODY_ERRORS, 'idempotency_mismatch', 'store_unavailable'),
    },
  };
  app.post('/v1/transfer-sessions', { schema }, async (request, reply) => {
    const wish = sessions.bodies.create.parse(request.body);
    const key = request.headers['idempotency-key'];
    const { body } = await idempotency.once('sessions', key, request.body, async () => ({
      status: 201,
      body: sessionView(await sessions.desk.create(wish), clock.now()),
    }));
    return reply.code(201).send(body);
  });
}

export function changeSession(app: FastifyInstance, { sessions, clock }: Deps): void {
  const schema = {
    tags: ['sessions'],
    summary: 'What a provider says about a session',
    description: 'Every change is a sign of life. The status of a session of a call is that of its call.',
    params: pathParam('sessionId'),
    body: bodySchema(sessions.bodies.change),
    response: {
      200: answer('TransferRecord', 'The session as it is now.'),
      ...problems(...CHANGE_ERRORS, 'session_follows_call'),
    },
  };
  app.patch<OfSession>('/v1/transfer-sessions/:sessionId', { schema }, async (request) => {
    const change = sessions.bodies.change.parse(request.body);
    const record = await sessions.desk.change(asSessionId(request.params.sessionId), change);
    return sessionView(record, clock.now());
  });
}

const ACTIONS = [
  '`end`: everybody is let go; where the agent is gone already, only the record is closed.',
  '`cancel`: nobody is rung any more, and the caller stays where it was.',
  '`retry`: the same command once more, for a caller who is still with its bot.',
  '`return`: the caller leaves the agent for the bot that waits for it.',
].join(' ');

export function actOnSession(app: FastifyInstance, { sessions }: Deps, idempotency: Idempotency): void {
  const schema = {
    tags: ['sessions'],
    summary: 'End, cancel, retry, or bring the caller back',
    description: ACTIONS,
    params: pathParam('sessionId'),
    headers: idempotencyHeader,
    body: bodySchema(sessions.bodies.action),
    response: {
      202: answer('SessionActed', 'It is being done.'),
      ...problems(
        ...[...CHANGE_ERRORS, ...COMMAND_ERRORS, ...OTHER_ENGINE_ERRORS],
        ...(['transfer_answered', 'transfer_over', 'transfer_not_found', 'return_not_possible'] as const),
        ...(['idempotency_mismatch', 'draining'] as const),
      ),
    },
  };
  app.post<OfSession>('/v1/transfer-sessions/:sessionId/actions', { schema }, async (request, reply) => {
    const { action } = sessions.bodies.action.parse(request.body);
    const id = asSessionId(request.params.sessionId);
    const key = request.headers['idempotency-key'];
    const { status, body } = await idempotency.once(`actions:${id}`, key, request.body, async (once) => ({
      status: 202,
      body: await sessions.desk.act(id, action, once),
    }));
    return reply.code(status).send(body);
  });
}

export function followUpDone(app: FastifyInstance, { sessions, clock }: Deps): void {
  const schema = {
    tags: ['sessions'],
    summary: 'A caller of the inbox has been looked after',
    description: 'Nothing opens it again. One that is done stays as it was done.',
    params: pathParam('sessionId'),
    body: bodySchema(sessions.bodies.done),
    response: {
      200: answer('TransferRecord', 'The session as it is now.'),
      ...problems(...BODY_ERRORS, 'session_not_found', 'session_state', 'store_unavailable'),
    },
  };
  app.post<OfSession>('/v1/inbox/:sessionId/done', { schema }, async (request) => {
    const { note } = sessions.bodies.done.parse(request.body);
    const record = await sessions.desk.followUpDone(asSessionId(request.params.sessionId), note);
    return sessionView(record, clock.now());
  });
}
