import type { FastifyInstance } from 'fastify';
import { Type } from 'typebox';
import { AppError } from '../../../errors.js';
import { EventStream } from '../event-stream.js';
import type { Deps } from '../options.js';
import { problems } from '../schemas/problems.js';

const DESCRIPTION = [
  'Server-sent events: `id` is the cursor, `event` the type, `data` the event as bots get it. Without a cursor the',
  'stream begins now; with `after`, or `Last-Event-ID` on a reconnect, it begins behind that event. A cursor the log',
  'no longer knows begins with the oldest event kept. A client that does not read is disconnected.',
].join(' ');

const schema = {
  tags: ['events'],
  summary: 'Stream of all events',
  description: DESCRIPTION,
  querystring: Type.Object({
    after: Type.Optional(Type.String({ description: 'Cursor: `id` of an event.' })),
  }),
  headers: Type.Object({
    'Last-Event-ID': Type.Optional(Type.String({ description: 'Wins over `after`.' })),
  }),
  response: {
    200: { description: 'The stream.', content: { 'text/event-stream': { schema: Type.String() } } },
    ...problems('too_many_streams', 'store_unavailable'),
  },
};

export function eventRoutes(app: FastifyInstance, deps: Deps): void {
  const streams = new Set<EventStream>();
  app.addHook('preClose', (done) => {
    for (const stream of streams) stream.end();
    done();
  });
  app.get<{ Querystring: { after?: string } }>('/v1/events', { schema }, async (request, reply) => {
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
  });
}
