import type { FastifyInstance } from 'fastify';
import { AppError } from '../../../errors.js';
import type { BotState } from '../../../ports/outbox.js';
import type { Deps } from '../options.js';
import { answer, problems } from '../schemas/problems.js';
import { pathParam } from './request-parts.js';

/** How events get to bots. */
export function botRoutes(app: FastifyInstance, deps: Deps): void {
  listBots(app, deps);
  enableBot(app, deps);
}

function listBots(app: FastifyInstance, deps: Deps): void {
  const schema = {
    tags: ['events'],
    summary: 'Bots and the delivery of their events',
    response: {
      200: answer('BotList', 'Every channel whose events go somewhere.'),
      ...problems('store_unavailable'),
    },
  };
  app.get('/v1/bots', { schema }, async () => ({
    items: await Promise.all(deps.bots.bots().map((bot) => shown(bot, deps))),
  }));
}

const ENABLE = [
  'After a 410: events are sent to its endpoint again, by every engine within seconds. Channels that share the URL are',
  'enabled with it. What died meanwhile stays with the dead letters until it is redelivered.',
].join(' ');

function enableBot(app: FastifyInstance, deps: Deps): void {
  const schema = {
    tags: ['events'],
    summary: 'Switch the endpoint of a bot on again',
    description: ENABLE,
    params: pathParam('channel'),
    response: { 200: answer('BotState', 'It is on.'), ...problems('unknown_channel', 'store_unavailable') },
  };
  app.post<{ Params: { channel: string } }>('/v1/bots/:channel/enable', { schema }, async (request) => {
    const { channel } = request.params;
    await deps.bots.enable(channel);
    const bot = deps.bots.bots().find((state) => state.channel === channel);
    if (bot === undefined) throw new AppError('unknown_channel', `No events are told for "${channel}".`);
    return shown(bot, deps);
  });
}

async function shown({ off, ...bot }: BotState, { letters }: Deps): Promise<object> {
  const { channel, url, dialect, connected, waiting } = bot;
  return {
    ...{ channel, url, dialect, state: off === null ? 'up' : 'disabled' },
    ...{ since: off?.since ?? null, why: off?.why ?? null },
    ...{ connected, waiting, deadLetters: await letters.count(channel) },
  };
}
