import type { FastifyInstance } from 'fastify';
import { asCallId } from '../../../domain/ids.js';
import { AppError } from '../../../errors.js';
import type { Deps } from '../options.js';
import { answer, OTHER_ENGINE_ERRORS, problems } from '../schemas/problems.js';
import { pathParam } from './request-parts.js';

/** Live calls. */
export function callRoutes(app: FastifyInstance, deps: Deps): void {
  listCalls(app, deps);
  showCall(app, deps);
  hangUp(app, deps);
  showTransferStatus(app, deps);
}

const noCall = (id: string): AppError => new AppError('call_not_found', `There is no call ${id}.`);

function listCalls(app: FastifyInstance, { control }: Deps): void {
  const schema = {
    tags: ['calls'],
    summary: 'Live calls',
    description:
      'Of all engines on the store, each with its `engine`. Engines that did not answer within seconds are named in `partial`.',
    response: { 200: answer('CallList', 'The calls.'), ...problems() },
  };
  app.get('/v1/calls', { schema }, async () => {
    const { items, partial } = await control.calls();
    return partial.length === 0 ? { items } : { items, partial };
  });
}

function showCall(app: FastifyInstance, { control }: Deps): void {
  const schema = {
    tags: ['calls'],
    summary: 'One live call with its legs',
    params: pathParam('callId'),
    response: { 200: answer('Call', 'The call.'), ...problems('call_not_found', ...OTHER_ENGINE_ERRORS) },
  };
  app.get<{ Params: { callId: string } }>('/v1/calls/:callId', { schema }, async (request, reply) => {
    const call = await control.call(asCallId(request.params.callId));
    if (call === undefined) throw noCall(request.params.callId);
    return reply.send(call);
  });
}

function hangUp(app: FastifyInstance, { control }: Deps): void {
  const schema = {
    tags: ['calls'],
    summary: 'Hang up every leg of a call',
    params: pathParam('callId'),
    response: {
      202: answer('CallEnding', 'The call is being ended.'),
      ...problems('call_not_found', ...OTHER_ENGINE_ERRORS),
    },
  };
  app.delete<{ Params: { callId: string } }>('/v1/calls/:callId', { schema }, async (request, reply) => {
    const callId = asCallId(request.params.callId);
    await control.hangup(callId);
    return reply.code(202).send({ callId });
  });
}

function showTransferStatus(app: FastifyInstance, { control, store }: Deps): void {
  const schema = {
    tags: ['transfers'],
    summary: 'Status of the last transfer of a call that has ended, also after the call',
    params: pathParam('callId'),
    response: {
      200: answer('TransferStatus', 'The status.'),
      ...problems('call_not_found', 'no_transfer_yet', ...OTHER_ENGINE_ERRORS),
    },
  };
  app.get<{ Params: { callId: string } }>(
    '/v1/calls/:callId/transfer-status',
    { schema },
    async (request) => {
      const callId = asCallId(request.params.callId);
      const status = await store.lastStatus(callId);
      if (status !== undefined) return status;
      if ((await control.call(callId)) === undefined) throw noCall(callId);
      throw new AppError('no_transfer_yet', `No transfer of call ${callId} has ended.`);
    },
  );
}
