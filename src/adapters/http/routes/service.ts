import type { FastifyInstance } from 'fastify';
import { Type } from 'typebox';
import type { Deps } from '../options.js';
import { answer, problems } from '../schemas/problems.js';

const open = { security: [] };

/** For load balancers (also by HEAD) and scrapers. */
export function serviceRoutes(app: FastifyInstance, { control, metrics, version }: Deps): void {
  const alive = {
    tags: ['service'],
    summary: 'The process is alive',
    ...open,
    response: { 200: answer('Health', 'It is.') },
  };
  app.get('/healthz', { schema: alive, exposeHeadRoute: true }, () => ({ status: 'ok', version }));

  const ready = {
    tags: ['service'],
    summary: 'The engine takes calls',
    ...open,
    response: { 200: answer('Readiness', 'It does.'), 503: answer('Readiness', 'It does not; see which.') },
  };
  app.get('/readyz', { schema: ready, exposeHeadRoute: true }, (_request, reply) => {
    const readiness = control.readiness();
    return reply.code(readiness.ready ? 200 : 503).send(readiness);
  });

  const scrape = {
    tags: ['service'],
    summary: 'Metrics in Prometheus text format',
    response: {
      200: { description: 'The metrics.', content: { 'text/plain': { schema: Type.String() } } },
      ...problems(),
    },
  };
  app.get('/metrics', { schema: scrape }, async (_request, reply) => {
    void reply.type(metrics.contentType);
    return reply.send(await metrics.text());
  });
}
