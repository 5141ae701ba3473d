import type { FastifyInstance } from 'fastify';
import type { SimulatedStep } from '../../../domain/simulate-policy.js';
import type { Deps } from '../options.js';
import { answer, BODY_ERRORS, problems } from '../schemas/problems.js';
import { bodySchema } from './request-parts.js';

const DESCRIPTION = [
  'Walks from failed attempt to failed attempt by the rules of the channel, or by those of the request, until one ends',
  'the transfer. A queue or an extension stands for what the configuration puts behind it: a queue tries its next member',
  'whatever the rules say, and its overflow node acts before the catch-all of a channel. Further ways to one target (a',
  'second trunk, the business number, INVITE after a refused REFER) belong to its attempt and are not shown, nor what',
  '`policy` forbids; ask a dry run for those. `problems` says what a configuration with such rules would be refused for. Nothing is dialled.',
].join(' ');

/** What a fallback policy would do. */
export function policyRoutes(app: FastifyInstance, deps: Deps): void {
  const schema = {
    tags: ['transfers'],
    summary: 'What the fallback policy does with a failure',
    description: DESCRIPTION,
    body: bodySchema(deps.simulation),
    response: {
      200: answer('PolicyChain', 'What happens, attempt by attempt.'),
      ...problems(...BODY_ERRORS, 'unknown_channel'),
    },
  };
  app.post('/v1/policy/simulate', { schema }, (request, reply) => {
    const { channel, simulation, problems: found } = deps.simulation.parse(request.body);
    const chain = deps.control.simulatePolicy(channel, simulation).map(shown);
    return reply.send({ ...simulation.failure, chain, problems: found });
  });
}

function shown({ attempt, target, matching, decision }: SimulatedStep): object {
  const { action, ...details } = actionOf(decision);
  return { attempt, target, matching, action, ...details };
}

/** In the words of the policy itself; a call that has no bot to stay with ends. */
function actionOf(decision: SimulatedStep['decision']): { readonly action: string } {
  switch (decision.kind) {
    case 'leave':
      return { action: 'end' };
    case 'retry':
      return { action: 'retry', ...{ afterMs: decision.afterMs } };
    default: {
      const { kind, ...details } = decision;
      return { action: kind, ...withoutNulls(details) };
    }
  }
}

const withoutNulls = (details: object): object =>
  Object.fromEntries(Object.entries(details).filter(([, value]) => value !== null));
