import type { FastifyReply, FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import type { CallId } from '../../../domain/ids.js';
import type { LadderEntry } from '../../../ports/ladder.js';
import { negotiate } from '../negotiate.js';
import { ref } from '../schemas/named.js';
import { ladderJson } from './ladder-json.js';
import { ladderMermaid } from './ladder-mermaid.js';
import { ladderText } from './ladder-text.js';

const TYPES = ['text/plain', 'application/json', 'text/vnd.mermaid', 'text/x-mermaid'] as const;

const asText = { schema: Type.String() };

/** The answer as the description shows it. */
export const ladderAnswer = {
  description: 'The ladder.',
  content: {
    'text/plain': asText,
    'application/json': { schema: ref('Ladder') },
    'text/vnd.mermaid': asText,
    'text/x-mermaid': asText,
  },
};

/** Plain text unless `Accept` asks for JSON or Mermaid. */
export function sendLadder(
  request: FastifyRequest,
  reply: FastifyReply,
  callId: CallId,
  entries: readonly LadderEntry[],
): FastifyReply {
  void reply.header('vary', 'Accept');
  const type = negotiate(request.headers.accept, TYPES);
  if (type === 'application/json') return reply.send(ladderJson(callId, entries));
  void reply.type(`${type}; charset=utf-8`);
  return reply.send(type === 'text/plain' ? ladderText(entries) : ladderMermaid(entries));
}
