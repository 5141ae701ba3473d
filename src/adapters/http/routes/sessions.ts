import type { FastifyInstance, FastifyRequest } from 'fastify';
import { asSessionId, type SessionId } from '../../../domain/ids.js';
import { AppError } from '../../../errors.js';
import type { TransferRecord } from '../../../ports/transfer-record.js';
import { ladderAnswer, sendLadder } from '../ladder/send-ladder.js';
import type { Idempotency } from '../idempotency.js';
import type { Deps } from '../options.js';
import { answer, OTHER_ENGINE_ERRORS, problems } from '../schemas/problems.js';
import { sessionView } from '../session-view.js';
import { pathParam } from './request-parts.js';
import { listInbox, listSessions } from './session-list.js';
import { actOnSession, changeSession, createSession, followUpDone } from './session-changes.js';

/** Records of transfers (CONTRACT 6), and what is to be done about those that failed. */
export function sessionRoutes(app: FastifyInstance, deps: Deps, idempotency: Idempotency): void {
  listSessions(app, deps);
  createSession(app, deps, idempotency);
  showSession(app, deps);
  changeSession(app, deps);
  actOnSession(app, deps, idempotency);
  showLadder(app, deps);
  listInbox(app, deps);
  followUpDone(app, deps);
}

type OfSession = FastifyRequest<{ Params: { sessionId: string } }>;

const idOf = ({ params }: OfSession): SessionId => asSessionId(params.sessionId);

async function found({ store }: Deps, id: SessionId): Promise<TransferRecord> {
  const record = await store.getSession(id);
  if (record === undefined) throw new AppError('session_not_found', `There is no session ${id}.`);
  return record;
}

function showSession(app: FastifyInstance, deps: Deps): void {
  const schema = {
    tags: ['sessions'],
    summary: 'One transfer session',
    params: pathParam('sessionId'),
    response: {
      200: answer('TransferRecord', 'The session.'),
      ...problems('session_not_found', 'store_unavailable'),
    },
  };
  app.get('/v1/transfer-sessions/:sessionId', { schema }, async (request: OfSession) =>
    sessionView(await found(deps, idOf(request)), deps.clock.now()),
  );
}

function showLadder(app: FastifyInstance, deps: Deps): void {
  const schema = {
    tags: ['sessions'],
    summary: "SIP ladder of the session's call, also long after it",
    description: 'Plain text unless `Accept` asks for JSON or Mermaid.',
    params: pathParam('sessionId'),
    response: {
      200: ladderAnswer,
      ...problems('session_not_found', 'ladder_not_found', ...OTHER_ENGINE_ERRORS),
    },
  };
  app.get('/v1/transfer-sessions/:sessionId/ladder', { schema }, async (request: OfSession, reply) => {
    const { callId, channel } = await found(deps, idOf(request));
    const kept = channel === 'voice' ? await deps.store.getLadder(callId) : undefined;
    const entries = kept ?? (await deps.control.ladder(callId));
    if (entries === undefined)
      throw new AppError('ladder_not_found', `There is no ladder of ${callId} any more.`);
    return sendLadder(request, reply, callId, entries);
  });
}
