import type { FastifyInstance } from 'fastify';
import { Type } from 'typebox';
import type { EventId } from '../../../domain/ids.js';
import { AppError } from '../../../errors.js';
import type { DeadLetterFilter } from '../../../ports/dead-letters.js';
import type { Deps } from '../options.js';
import { answer, problems } from '../schemas/problems.js';
import { pathParam } from './request-parts.js';

interface OneLetter {
  Params: { eventId: string };
}

/** Events that were given up. */
export function deadLetterRoutes(app: FastifyInstance, deps: Deps): void {
  listLetters(app, deps);
  redeliverAll(app, deps);
  showLetter(app, deps);
  redeliverLetter(app, deps);
  removeLetter(app, deps);
}

function listLetters(app: FastifyInstance, { letters }: Deps): void {
  const schema = {
    tags: ['events'],
    summary: 'Events that could not be delivered, oldest first',
    querystring: Type.Object({
      channel: Type.Optional(Type.String()),
      after: Type.Optional(Type.String({ description: '`nextCursor` of the page before.' })),
      limit: Type.Integer({ minimum: 1, maximum: 200, default: 50 }),
    }),
    response: {
      200: answer('DeadLetterPage', 'One page.'),
      ...problems('invalid_field', 'store_unavailable'),
    },
  };
  app.get<{ Querystring: DeadLetterFilter }>('/v1/dead-letters', { schema }, (request) =>
    letters.list(request.query),
  );
}

function showLetter(app: FastifyInstance, { letters }: Deps): void {
  const schema = {
    tags: ['events'],
    summary: 'One dead letter',
    params: pathParam('eventId'),
    response: {
      200: answer('DeadLetter', 'The letter.'),
      ...problems('dead_letter_not_found', 'store_unavailable'),
    },
  };
  app.get<OneLetter>('/v1/dead-letters/:eventId', { schema }, async (request) => {
    const id = eventIdOf(request.params);
    const letter = await letters.get(id);
    if (letter === undefined) throw notFound(id);
    return letter;
  });
}

const ONE = [
  'The same event id, signed anew, behind what its call still has waiting; tried for a minute. The letter stays listed',
  'until it is delivered.',
].join(' ');

function redeliverLetter(app: FastifyInstance, { bots }: Deps): void {
  const schema = {
    tags: ['events'],
    summary: 'Send a dead letter again',
    description: ONE,
    params: pathParam('eventId'),
    response: {
      202: answer('Redelivery', 'It is on its way.'),
      ...problems('dead_letter_not_found', 'endpoint_off', 'unknown_channel', 'store_unavailable'),
    },
  };
  app.post<OneLetter>('/v1/dead-letters/:eventId/redeliver', { schema }, async (request, reply) => {
    const eventId = eventIdOf(request.params);
    await bots.redeliver(eventId);
    return reply.code(202).send({ eventId });
  });
}

const ALL = [
  'Oldest first, a few at a time. It ends early for a channel where nothing but failures comes back, and leaves out',
  'those whose endpoint is switched off.',
].join(' ');

function redeliverAll(app: FastifyInstance, { bots }: Deps): void {
  const schema = {
    tags: ['events'],
    summary: 'Send all dead letters again',
    description: ALL,
    querystring: Type.Object({
      channel: Type.Optional(Type.String({ description: 'Only those of this channel.' })),
    }),
    response: {
      202: answer('Redeliveries', 'They are on their way.'),
      ...problems('endpoint_off', 'unknown_channel', 'store_unavailable'),
    },
  };
  app.post<{ Querystring: { channel?: string } }>(
    '/v1/dead-letters/redeliver',
    { schema },
    async (request, reply) => {
      const { channel } = request.query;
      const letters = await bots.redeliverAll(channel);
      return reply.code(202).send({ channel: channel ?? null, letters });
    },
  );
}

function removeLetter(app: FastifyInstance, { letters }: Deps): void {
  const schema = {
    tags: ['events'],
    summary: 'Throw a dead letter away',
    params: pathParam('eventId'),
    response: {
      204: { description: 'It is gone.' },
      ...problems('dead_letter_not_found', 'store_unavailable'),
    },
  };
  app.delete<OneLetter>('/v1/dead-letters/:eventId', { schema }, async (request, reply) => {
    const id = eventIdOf(request.params);
    if (!(await letters.remove(id))) throw notFound(id);
    return reply.code(204).send();
  });
}

/** Looked up, never trusted to exist. */
const eventIdOf = ({ eventId }: OneLetter['Params']): EventId => eventId as EventId;

const notFound = (id: EventId): AppError =>
  new AppError('dead_letter_not_found', `There is no dead letter of the event ${id}.`);
