import type { AddressInfo, Socket } from 'node:net';
import fastify, { LogController, type FastifyInstance } from 'fastify';
import { requireBearer } from './bearer.js';
import { answerInTime } from './deadline.js';
import { answerGarbage, handleErrors, sendProblem } from './error-handling.js';
import { Idempotency } from './idempotency.js';
import { acceptJsonOnly } from './json-body.js';
import { listenError } from './listen-error.js';
import { describeApi } from './openapi.js';
import { HTTP_LIMITS, type Deps, type HttpApiOptions } from './options.js';
import { acceptWebSockets, botSocketRoute, terminateWebSockets } from './routes/bot-socket.js';
import { botRoutes } from './routes/bots.js';
import { callRoutes } from './routes/calls.js';
import { deadLetterRoutes } from './routes/dead-letters.js';
import { eventRoutes } from './routes/events.js';
import { ladderRoute } from './routes/ladder.js';
import { policyRoutes } from './routes/policy.js';
import { recordingRoutes } from './routes/recording.js';
import { replyRoutes } from './routes/replies.js';
import { serviceRoutes } from './routes/service.js';
import { sessionRoutes } from './routes/sessions.js';
import { transferRoutes } from './routes/transfers.js';
import { addComponents } from './schemas/components.js';
import { validateQueries } from './validation.js';

export interface HttpApi {
  /** Binds and answers where; rejects with a `UsageError` when the address cannot be had. */
  start(): Promise<BoundAddress>;
  /** Ends event streams, lets requests under way finish for a moment, frees the port. */
  close(): Promise<void>;
}

export interface BoundAddress {
  readonly host: string;
  readonly port: number;
  /** `http://host:port`, brackets round an IPv6 address. */
  readonly url: string;
}

/** The HTTP side of CONTRACT 3 over {@link HttpApiOptions.control} and the store. */
export function createHttpApi(options: HttpApiOptions): HttpApi {
  const deps: Deps = { ...options, limits: { ...HTTP_LIMITS, ...options.limits } };
  const app = makeServer(deps);
  return {
    async start() {
      await furnish(app, deps);
      await app.listen({ ...deps.listen }).catch((error: unknown) => {
        throw listenError(error, deps.listen);
      });
      return boundAddress(app);
    },
    async close() {
      const cancel = deps.clock.after(deps.limits.closeMs, () => {
        app.server.closeAllConnections();
        terminateWebSockets(app);
      });
      await app.close();
      cancel();
    },
  };
}

function makeServer({ limits, logger, random }: Deps): FastifyInstance {
  return fastify({
    loggerInstance: logger,
    logController: new LogController({ disableRequestLogging: true }),
    genReqId: () => random.uuid(),
    bodyLimit: limits.bodyBytes,
    requestTimeout: limits.requestTimeoutMs,
    keepAliveTimeout: limits.keepAliveTimeoutMs,
    forceCloseConnections: 'idle',
    // The engine itself refuses commands while it drains, with a problem document.
    return503OnClosing: false,
    exposeHeadRoutes: false,
    // Session ids are longer than the default of 100.
    routerOptions: { maxParamLength: 1024 },
    frameworkErrors: (error, request, reply) => {
      sendProblem(error, request, reply);
    },
    clientErrorHandler: (error: { readonly code?: string }, socket: Socket) =>
      answerGarbage(error, socket, random.uuid()),
  });
}

async function furnish(app: FastifyInstance, deps: Deps): Promise<void> {
  await acceptWebSockets(app);
  handleErrors(app);
  acceptJsonOnly(app);
  validateQueries(app);
  addComponents(app);
  app.addHook('onRequest', (request, reply, done) => {
    void reply.header('x-request-id', request.id);
    done();
  });
  answerInTime(app, deps.clock, deps.limits.handlerTimeoutMs);
  requireBearer(app, deps.tokens);
  await describeApi(app, deps.version, deps.tokens.length > 0);
  const idempotency = new Idempotency(deps.store, (error) =>
    deps.logger.error({ err: error }, 'answer for an idempotency key not stored'),
  );
  transferRoutes(app, deps, idempotency);
  replyRoutes(app, deps, idempotency);
  policyRoutes(app, deps);
  callRoutes(app, deps);
  recordingRoutes(app, deps);
  ladderRoute(app, deps);
  sessionRoutes(app, deps, idempotency);
  eventRoutes(app, deps);
  deadLetterRoutes(app, deps);
  botRoutes(app, deps);
  botSocketRoute(app, deps);
  serviceRoutes(app, deps);
}

function boundAddress(app: FastifyInstance): BoundAddress {
  const { address, port, family } = app.server.address() as AddressInfo;
  return { host: address, port, url: `http://${family === 'IPv6' ? `[${address}]` : address}:${port}` };
}
