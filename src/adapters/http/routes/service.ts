import type { FastifyInstance } from 'fastify';
import { Type } from 'typebox';
import type { Readiness } from '../../../ports/control.js';
import type { BotState } from '../../../ports/outbox.js';
import type { Deps } from '../options.js';
import { answer, problems } from '../schemas/problems.js';

const open = { security: [] };

/** For load balancers (also by HEAD) and scrapers. */
export function serviceRoutes(app: FastifyInstance, { control, bots, metrics, version }: Deps): void {
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
    const readiness = withBots(control.readiness(), bots.bots());
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

/** A bot that asked to be sent nothing any more keeps no call away; it is named. */
function withBots(readiness: Readiness, bots: readonly BotState[]): Readiness {
  const off = bots.flatMap(({ channel, off }) => (off === null ? [] : [{ name: `bot:${channel}`, off }]));
  if (off.length === 0) return readiness;
  const words = Object.fromEntries(off.map(({ name }) => [name, 'down']));
  const details = off.map(({ name, off: { since, why } }) => [name, `switched off since ${since}: ${why}`]);
  return {
    ...readiness,
    dependencies: { ...readiness.dependencies, ...words },
    details: { ...readiness.details, ...(Object.fromEntries(details) as Record<string, string>) },
  };
}
