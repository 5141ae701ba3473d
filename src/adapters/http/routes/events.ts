import type { FastifyInstance } from 'fastify';
import { Type } from 'typebox';
import { AppError } from '../../../errors.js';
import { EventStream } from '../event-stream.js';
import type { Deps } from '../options.js';
import { negotiate } from '../negotiate.js';
import { ref } from '../schemas/named.js';
import { problems } from '../schemas/problems.js';

const DESCRIPTION = [
  'Server-sent events: `id` is the cursor, `event` the type, `data` the event as bots get it. Without a cursor the',
  'stream begins now; with `after`, or `Last-Event-ID` on a reconnect, it begins behind that event. A cursor the log',
  'no longer knows begins with the oldest event kept. A client that does not read is disconnected. With',
  '`Accept: application/json` the answer is one page behind `after` (from the oldest without it) and ends; its `cursor`',
  'asks for the next, or opens the stream there.',
].join(' ');

const schema = {
  tags: ['events'],
  summary: 'Stream of all events',
  description: DESCRIPTION,
  querystring: Type.Object({
    after: Type.Optional(Type.String({ description: 'Cursor: `id` of an event.' })),
    limit: Type.Integer({ minimum: 1, maximum: 1000, default: 100, description: 'Of a page.' }),
  }),
  headers: Type.Object({
    'Last-Event-ID': Type.Optional(Type.String({ description: 'Wins over `after`.' })),
  }),
  response: {
    200: {
      description: 'The stream, or a page.',
      content: {
        'text/event-stream': { schema: Type.String() },
        'application/json': { schema: ref('EventPage') },
      },
    },
    ...problems('invalid_field', 'too_many_streams', 'store_unavailable'),
  },
};

export function eventRoutes(app: FastifyInstance, deps: Deps): void {
  const streams = new Set<EventStream>();
  app.addHook('preClose', (done) => {
    for (const stream of streams) stream.end();
    done();
  });
  app.get<EventsRequest>('/v1/events', { schema }, async (request, reply) => {
    const kind = negotiate(request.headers.accept, ['text/event-stream', 'application/json']);
    if (kind === 'application/json') return page(request.query, deps);
    if (streams.size >= deps.limits.streams)
      throw new AppError('too_many_streams', `${streams.size} event streams are open.`);
    const given = request.headers['last-event-id'] ?? request.query.after;
    const cursor = typeof given === 'string' ? given : await deps.events.lastCursor();
    reply.hijack();
    const stream = new EventStream(reply.raw, deps, cursor);
    streams.add(stream);
    try {
      await stream.run(request.id);
    } catch (error) {
      request.log.error({ err: error }, 'event stream broken');
    } finally {
      streams.delete(stream);
      stream.end();
    }
    return reply;
  });
}

interface EventsRequest {
  Querystring: { after?: string; limit: number };
}

async function page({ after, limit }: EventsRequest['Querystring'], { store }: Deps): Promise<object> {
  const items = await store.readEvents(after, limit);
  return { items, cursor: items.at(-1)?.cursor ?? after ?? null };
}
