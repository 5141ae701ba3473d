import type { FastifyInstance } from 'fastify';
import { asCallId } from '../../../domain/ids.js';
import { AppError } from '../../../errors.js';
import { ladderAnswer, sendLadder } from '../ladder/send-ladder.js';
import type { Deps } from '../options.js';
import { OTHER_ENGINE_ERRORS, problems } from '../schemas/problems.js';
import { pathParam } from './request-parts.js';

const schema = {
  tags: ['calls'],
  summary: 'SIP ladder of a live or recently ended call',
  description: 'Plain text unless `Accept` asks for JSON or Mermaid.',
  params: pathParam('callId'),
  response: { 200: ladderAnswer, ...problems('call_not_found', ...OTHER_ENGINE_ERRORS) },
};

export function ladderRoute(app: FastifyInstance, { control }: Deps): void {
  app.get<{ Params: { callId: string } }>('/v1/calls/:callId/ladder', { schema }, async (request, reply) => {
    const callId = asCallId(request.params.callId);
    const entries = await control.ladder(callId);
    if (entries === undefined)
      throw new AppError('call_not_found', `There is no ladder of a call ${callId}.`);
    return sendLadder(request, reply, callId, entries);
  });
}
