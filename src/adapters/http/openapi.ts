import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import type { FastifyInstance } from 'fastify';

const DESCRIPTION = [
  'Transfers of live calls: started, watched, cancelled. Every transfer ends in exactly one outcome.',
  'Errors are RFC 9457 problem documents with a stable `code`.',
].join(' ');

/** `/openapi.json` from the routes' own schemas, `/docs` to read it. */
export async function describeApi(app: FastifyInstance, version: string, secured: boolean): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Switchhook',
        version,
        description: DESCRIPTION,
        license: { name: 'MIT', identifier: 'MIT' },
      },
      tags: [
        { name: 'transfers', description: 'Commands and their outcome.' },
        { name: 'calls', description: 'Live calls.' },
        { name: 'sessions', description: 'Records of transfers.' },
        { name: 'events', description: 'What happened, as it happens.' },
        { name: 'service', description: 'For load balancers and scrapers.' },
      ],
      components: {
        securitySchemes: { bearer: { type: 'http', scheme: 'bearer', description: 'One of `api.tokens`.' } },
      },
      ...(secured ? { security: [{ bearer: [] }] } : {}),
    },
    refResolver: {
      buildLocalReference: (json, _base, _fragment, i) =>
        typeof json.$id === 'string' ? json.$id : `def-${i}`,
    },
  });
  await app.register(swaggerUi, { routePrefix: '/docs', uiConfig: { docExpansion: 'list' } });
  app.get('/openapi.json', { schema: { hide: true } }, () => app.swagger());
}
