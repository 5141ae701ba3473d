import type { FastifyInstance } from 'fastify';
import { Type, type TProperties } from 'typebox';
import { asCallId } from '../../../domain/ids.js';
import { OUTCOMES } from '../../../domain/outcome.js';
import {
  CHANNEL_KINDS,
  SESSION_STATUSES,
  TRANSFER_STATES,
  type TransferFilter,
} from '../../../ports/transfer-record.js';
import { AppError } from '../../../errors.js';
import type { Deps } from '../options.js';
import { sessionRow } from '../session-view.js';
import { oneOf } from '../schemas/named.js';
import { answer, problems } from '../schemas/problems.js';

const text = (description: string) => Type.Optional(Type.String({ description }));
const time = (description: string) => text(`${description}; ISO 8601.`);

/** Filters that sessions and the inbox have in common. */
const FILTERS = {
  outcome: Type.Optional(oneOf(OUTCOMES)),
  channelId: text('Name of the channel.'),
  channel: Type.Optional(oneOf(CHANNEL_KINDS)),
  provider: text('Whose agents.'),
  contact: text('The end user, whole.'),
  queue: text('Where it waits, or waited last.'),
  callId: text('Its call, or conversation.'),
  from: time('Made at or after'),
  to: time('Made before'),
  limit: Type.Integer({ minimum: 1, maximum: 200, default: 50 }),
  // An empty one would be answered like the last: with nothing.
  cursor: Type.Optional(Type.String({ minLength: 1, description: '`nextCursor` of the page before.' })),
};

type Query = Omit<TransferFilter, 'callId'> & { readonly callId?: string };

const page = (properties: TProperties): object => ({
  querystring: Type.Object(properties),
  response: { 200: answer('TransferPage', 'One page.'), ...problems('invalid_field', 'store_unavailable') },
});

export function listSessions(app: FastifyInstance, deps: Deps): void {
  const own = {
    status: Type.Optional(oneOf(SESSION_STATUSES)),
    state: Type.Optional(oneOf(TRANSFER_STATES)),
  };
  const schema = {
    tags: ['sessions'],
    summary: 'Transfer sessions, newest first',
    ...page({ ...own, ...FILTERS }),
  };
  app.get<{ Querystring: Query }>('/v1/transfer-sessions', { schema }, ({ query }) =>
    listed(deps, filterOf(query)),
  );
}

export function listInbox(app: FastifyInstance, deps: Deps): void {
  const own = { followUp: oneOf(['open', 'done'], 'What is to be done, or what was') };
  const schema = {
    tags: ['sessions'],
    summary: 'Callers who asked for a person and did not get one, newest first',
    description:
      'Failed transfers, those whose caller left while waiting among them. One that a later transfer of the same call made good is done.',
    ...page({ followUp: { ...own.followUp, default: 'open' }, ...FILTERS }),
  };
  app.get<{ Querystring: Query & Required<Pick<TransferFilter, 'followUp'>> }>(
    '/v1/inbox',
    { schema },
    ({ query }) => listed(deps, filterOf(query)),
  );
}

async function listed({ store, clock }: Deps, filter: TransferFilter): Promise<object> {
  const { items, nextCursor } = await store.listTransfers(filter);
  return { items: items.map((record) => sessionRow(record, clock.now())), nextCursor };
}

/** @throws AppError `invalid_field`: a time that is none */
function filterOf({ callId, ...filter }: Query): TransferFilter {
  for (const path of ['from', 'to'] as const) {
    const value = filter[path];
    if (value === undefined || !Number.isNaN(Date.parse(value))) continue;
    const message = 'must be a time such as 2026-01-31T12:00:00Z';
    throw new AppError('invalid_field', `${path}: ${message}`, [{ path, message }]);
  }
  return { ...filter, ...(callId === undefined ? {} : { callId: asCallId(callId) }) };
}
