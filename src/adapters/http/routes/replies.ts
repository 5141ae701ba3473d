import type { FastifyInstance } from 'fastify';
import { asCallId, type CallId } from '../../../domain/ids.js';
import type { GivenReply } from '../../../domain/reply.js';
import type { OnceKey } from '../../../ports/control.js';
import type { Answer, Idempotency } from '../idempotency.js';
import type { Deps } from '../options.js';
import { answer, BODY_ERRORS, COMMAND_ERRORS, problems } from '../schemas/problems.js';
import { bodySchema, idempotencyHeader, pathParam } from './request-parts.js';

const DESCRIPTION = [
  'Takes a JAICP reply list verbatim. Of a webhook bot, items run in order behind what the bot has said before. Of a',
  'SIP bot, which speaks itself, the first that takes the caller away (`switch` or `hangup`) is carried out; `text` and',
  '`audio` are answered as skipped, and so is what comes after it. Types for the eye are skipped always.',
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
      const { status, body } = await idempotency.once(`replies:${callId}`, key, request.body, (once) =>
        run(asCallId(callId), replies, deps, once),
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

const IGNORED = 'This type is not carried out here.';
const OWN_VOICE = 'The bot of this call is on the line itself: it says this.';

async function run(
  callId: CallId,
  replies: readonly GivenReply[],
  { control }: Deps,
  once: OnceKey | undefined,
): Promise<Answer> {
  const meant = replies.filter((reply) => reply.kind !== 'ignored');
  if (await control.reply(callId, meant, once)) return { status: 202, body: { replies: replies.map(taken) } };
  return runForSpeaker(callId, replies, control, once);
}

/** What became of a reply that a bot which speaks by replies gave. */
const taken = (reply: GivenReply): Ran =>
  reply.kind === 'ignored'
    ? { type: reply.type, status: 'skipped', detail: IGNORED }
    : { type: nameOf(reply), status: 'accepted' };

/** The bot is a party of the call and says itself what is to be said; what takes the caller away is done here. */
async function runForSpeaker(
  callId: CallId,
  replies: readonly GivenReply[],
  control: Deps['control'],
  once: OnceKey | undefined,
): Promise<Answer> {
  const ran: Ran[] = [];
  let transfer = {};
  let takenBy: string | null = null;
  for (const reply of replies) {
    const type = nameOf(reply);
    if (takenBy !== null) {
      ran.push({ type, status: 'skipped', detail: `The ${takenBy} before it took the caller away.` });
    } else if (reply.kind === 'ignored' || reply.kind === 'say') {
      ran.push({ type, status: 'skipped', detail: reply.kind === 'say' ? OWN_VOICE : IGNORED });
    } else {
      if (reply.kind === 'switch') transfer = await control.transfer(callId, reply.command, once);
      else await control.hangup(callId);
      ran.push({ type, status: 'accepted' });
      takenBy = type;
    }
  }
  return { status: 202, body: { ...transfer, replies: ran } };
}

function nameOf(reply: GivenReply): string {
  if (reply.kind === 'ignored') return reply.type;
  if (reply.kind !== 'say') return reply.kind;
  return reply.message.text === undefined ? 'audio' : 'text';
}
