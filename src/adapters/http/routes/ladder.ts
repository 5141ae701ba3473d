import type { FastifyInstance } from 'fastify';
import { Type } from 'typebox';
import { asCallId } from '../../../domain/ids.js';
import { AppError } from '../../../errors.js';
import { ladderJson } from '../ladder/ladder-json.js';
import { ladderMermaid } from '../ladder/ladder-mermaid.js';
import { ladderText } from '../ladder/ladder-text.js';
import { negotiate } from '../negotiate.js';
import type { Deps } from '../options.js';
import { OTHER_ENGINE_ERRORS, problems } from '../schemas/problems.js';
import { ref } from '../schemas/named.js';
import { pathParam } from './request-parts.js';

const TYPES = ['text/plain', 'application/json', 'text/vnd.mermaid', 'text/x-mermaid'] as const;

const asText = { schema: Type.String() };

const schema = {
  tags: ['calls'],
  summary: 'SIP ladder of a live or recently ended call',
  description: 'Plain text unless `Accept` asks for JSON or Mermaid.',
  params: pathParam('callId'),
  response: {
    200: {
      description: 'The ladder.',
      content: {
        'text/plain': asText,
        'application/json': { schema: ref('Ladder') },
        'text/vnd.mermaid': asText,
        'text/x-mermaid': asText,
      },
    },
    ...problems('call_not_found', ...OTHER_ENGINE_ERRORS),
  },
};

export function ladderRoute(app: FastifyInstance, { control }: Deps): void {
  app.get<{ Params: { callId: string } }>('/v1/calls/:callId/ladder', { schema }, async (request, reply) => {
    const callId = asCallId(request.params.callId);
    const entries = await control.ladder(callId);
    if (entries === undefined)
      throw new AppError('call_not_found', `There is no ladder of a call ${callId}.`);
    void reply.header('vary', 'Accept');
    const type = negotiate(request.headers.accept, TYPES);
    if (type === 'application/json') return reply.send(ladderJson(callId, entries));
    void reply.type(`${type}; charset=utf-8`);
    return reply.send(type === 'text/plain' ? ladderText(entries) : ladderMermaid(entries));
  });
}
