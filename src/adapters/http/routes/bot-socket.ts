import websocket from '@fastify/websocket';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import { AppError } from '../../../errors.js';
import { BotSocket } from '../bot-socket.js';
import type { Deps } from '../options.js';
import { problems } from '../schemas/problems.js';

const DESCRIPTION = [
  'WebSocket of a bot: every event of the channel, as the webhook gets it, with its `id`. The bot answers',
  '`{"callId":"call_...","replies":[...],"inReplyTo":"evt_..."}` and acknowledges with `{"ack":"evt_..."}`; an answer',
  'acknowledges too. What is not acknowledged is sent again after a reconnect, or goes to the webhook.',
].join(' ');

const schema = {
  tags: ['events'],
  summary: 'Connect a bot (WebSocket)',
  description: DESCRIPTION,
  querystring: Type.Object({ channel: Type.String({ description: 'A channel whose events go to a bot.' }) }),
  response: {
    101: { description: 'The connection is a WebSocket.' },
    ...problems('bad_request', 'unknown_channel', 'foreign_origin', 'too_many_streams'),
  },
};

/**
 * Beyond this a message is not even read, and the connection ends (1009). Above what the bot's user takes, so that a
 * message that is only a little too long can be answered with what is wrong.
 */
const MAX_FRAME_BYTES = 1_048_576;

/** Has to be registered before any hook: a connection that is refused by one would stay open else. */
export async function acceptWebSockets(app: FastifyInstance): Promise<void> {
  await app.register(websocket, {
    options: { maxPayload: MAX_FRAME_BYTES },
    // The library ends the connection, with the code that says why.
    errorHandler: (error, _socket, request) => request.log.info({ err: error }, 'connection of a bot broken'),
  });
}

/** Ends connections at once; those that were asked to close before are given no more time. */
export function terminateWebSockets(app: FastifyInstance): void {
  for (const client of app.websocketServer.clients) client.terminate();
}

interface BotRequest {
  Querystring: { channel: string };
}

/** `GET /v1/bot`. */
export function botSocketRoute(app: FastifyInstance, deps: Deps): void {
  const { bots, limits } = deps;
  app.route<BotRequest>({
    method: 'GET',
    url: '/v1/bot',
    schema,
    preHandler: (request, _reply, done) => {
      refuseForeignPages(request);
      const { channel } = request.query;
      if (!bots.serves(channel))
        throw new AppError('unknown_channel', `There is no channel "${channel}" whose events go to a bot.`);
      const connected = app.websocketServer.clients.size;
      if (connected >= limits.bots)
        throw new AppError('too_many_streams', `${connected} bots are connected.`);
      done();
    },
    handler: () => {
      throw new AppError('bad_request', 'This path takes WebSocket connections only.');
    },
    wsHandler: (socket, request: FastifyRequest<BotRequest>) => {
      const bot = new BotSocket(socket, deps);
      bot.serve(bots.attach(request.query.channel, bot));
    },
  });
}

/**
 * A web page may open a WebSocket to any host its user can reach, and browsers ask nobody (RFC 6455 10.2): only pages
 * of our own address may. Programs send no Origin.
 */
function refuseForeignPages({ headers: { origin, host } }: FastifyRequest): void {
  if (origin === undefined) return;
  if (URL.canParse(origin) && new URL(origin).host === host) return;
  throw new AppError('foreign_origin', `Pages of ${origin} may not connect.`);
}
