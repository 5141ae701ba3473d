import type { FastifyInstance } from 'fastify';
import { asCallId, type CallId } from '../../../domain/ids.js';
import type { Answer, Idempotency } from '../idempotency.js';
import type { Deps } from '../options.js';
import type { Reply } from '../reply-action.js';
import { answer, BODY_ERRORS, COMMAND_ERRORS, problems } from '../schemas/problems.js';
import { bodySchema, idempotencyHeader, pathParam } from './request-parts.js';

const DESCRIPTION = [
  'Takes a JAICP reply list verbatim. Items run in order up to the first that takes the caller away (`switch` or',
  '`hangup`); items after it are answered as skipped, as are types this endpoint does not play.',
].join(' ');

/** JAICP replies pushed by the bot platform. */
export function replyRoutes(app: FastifyInstance, deps: Deps, idempotency: Idempotency): void {
  const schema = {
    tags: ['transfers'],
    summary: 'Carry out a JAICP reply list',
    description: DESCRIPTION,
    params: pathParam('callId'),
    headers: idempotencyHeader,
    body: bodySchema(deps.replies),
    response: {
      202: answer('RepliesAccepted', 'What became of each reply.'),
      ...problems(...BODY_ERRORS, ...COMMAND_ERRORS, 'idempotency_mismatch', 'draining'),
    },
  };
  app.post<{ Params: { callId: string } }>(
    '/v1/calls/:callId/replies',
    { schema },
    async (request, reply) => {
      const replies = deps.replies.parse(request.body);
      const { callId } = request.params;
      const key = request.headers['idempotency-key'];
      const { status, body } = await idempotency.once(`replies:${callId}`, key, request.body, () =>
        run(asCallId(callId), replies, deps),
      );
      return reply.code(status).send(body);
    },
  );
}

interface Ran {
  readonly type: string;
  readonly status: 'accepted' | 'skipped';
  readonly detail?: string;
}

async function run(callId: CallId, replies: readonly Reply[], { control }: Deps): Promise<Answer> {
  const ran: Ran[] = [];
  let transfer = {};
  let takenBy: string | null = null;
  for (const reply of replies) {
    const type = reply.kind === 'other' ? reply.type : reply.kind;
    if (takenBy !== null) {
      ran.push({ type, status: 'skipped', detail: `The ${takenBy} before it took the caller away.` });
    } else if (reply.kind === 'other') {
      ran.push({ type, status: 'skipped', detail: 'This type is not carried out here.' });
    } else {
      if (reply.kind === 'switch') transfer = await control.transfer(callId, reply.command);
      else await control.hangup(callId);
      ran.push({ type, status: 'accepted' });
      takenBy = type;
    }
  }
  return { status: 202, body: { ...transfer, replies: ran } };
}
