import type { FastifyInstance } from 'fastify';
import { Type } from 'typebox';
import { asCallId, asTransferId, type TransferId } from '../../../domain/ids.js';
import { AppError } from '../../../errors.js';
import type { OnceKey } from '../../../ports/control.js';
import type { Answer, Idempotency } from '../idempotency.js';
import type { Deps } from '../options.js';
import { answer, BODY_ERRORS, COMMAND_ERRORS, OTHER_ENGINE_ERRORS, problems } from '../schemas/problems.js';
import { sessionView } from '../session-view.js';
import { bodySchema, idempotencyHeader, pathParam } from './request-parts.js';

const DESCRIPTION = [
  'A command that policy or a limit of the trunk forbids is told to the bot as a failed transfer too; the problem then',
  'carries its `transferId`. `dryRun=true` plans the transfer and shows it as SIP, with the layer every value came from:',
  'every way to every target, and what must have failed before it. Rules of `onFailure` are listed and not played through,',
  'limits of trunks do not count; see `/v1/policy/simulate` for the former.',
].join(' ');

/** Start, show and cancel a transfer. */
export function transferRoutes(app: FastifyInstance, deps: Deps, idempotency: Idempotency): void {
  startTransfer(app, deps, idempotency);
  showTransfer(app, deps);
  cancelTransfer(app, deps);
}

function startTransfer(app: FastifyInstance, deps: Deps, idempotency: Idempotency): void {
  const schema = {
    tags: ['transfers'],
    summary: 'Transfer the caller of a call',
    description: DESCRIPTION,
    params: pathParam('callId'),
    headers: idempotencyHeader,
    querystring: Type.Object({
      dryRun: Type.Optional(Type.Boolean({ description: 'Show what would be sent, and send nothing.' })),
    }),
    body: bodySchema(deps.command),
    response: {
      200: answer('DryRun', 'With `dryRun=true`: what would be sent.'),
      202: answer('TransferAccepted', 'The transfer has begun.'),
      ...problems(...BODY_ERRORS, ...COMMAND_ERRORS, 'idempotency_mismatch', 'draining'),
    },
  };
  app.post<{ Params: { callId: string }; Querystring: { dryRun?: boolean } }>(
    '/v1/calls/:callId/transfers',
    { schema },
    async (request, reply) => {
      const command = deps.command.parse(request.body);
      const { callId } = request.params;
      if (request.query.dryRun === true)
        return reply.send(await deps.control.dryRun(asCallId(callId), command));
      const key = request.headers['idempotency-key'];
      const transfer = async (once: OnceKey | undefined): Promise<Answer> => ({
        status: 202,
        body: await deps.control.transfer(asCallId(callId), command, once),
      });
      const { status, body } = await idempotency.once(`transfers:${callId}`, key, request.body, transfer);
      return reply.code(status).send(body);
    },
  );
}

function showTransfer(app: FastifyInstance, { store, clock }: Deps): void {
  const schema = {
    tags: ['transfers'],
    summary: 'State, attempts, outcome and evidence of a transfer',
    params: pathParam('transferId'),
    response: {
      200: answer('TransferRecord', 'The transfer.'),
      ...problems('transfer_not_found', 'store_unavailable'),
    },
  };
  app.get<{ Params: { transferId: string } }>('/v1/transfers/:transferId', { schema }, async (request) => {
    const id = asTransferId(request.params.transferId);
    const record = await store.getTransfer(id);
    if (record === undefined) throw new AppError('transfer_not_found', `There is no transfer ${id}.`);
    return sessionView(record, clock.now());
  });
}

function cancelTransfer(app: FastifyInstance, deps: Deps): void {
  const schema = {
    tags: ['transfers'],
    summary: 'Cancel a pending transfer',
    params: pathParam('transferId'),
    response: {
      202: answer('TransferCancelling', 'The target is being cancelled.'),
      ...problems('transfer_not_found', 'transfer_over', 'transfer_answered', ...OTHER_ENGINE_ERRORS),
    },
  };
  app.delete<{ Params: { transferId: string } }>(
    '/v1/transfers/:transferId',
    { schema },
    async (request, reply) => {
      const transferId = asTransferId(request.params.transferId);
      await deps.control
        .cancelTransfer(transferId)
        .catch((error: unknown) => overOrUnknown(error, transferId, deps));
      return reply.code(202).send({ transferId });
    },
  );
}

/** The engine forgets a transfer with its call; the record still knows that it was there and is over. */
async function overOrUnknown(error: unknown, id: TransferId, { store }: Deps): Promise<never> {
  if (error instanceof AppError && error.code === 'transfer_not_found') {
    const record = await store.getTransfer(id);
    if (record !== undefined && record.state !== 'pending')
      throw new AppError('transfer_over', `Transfer ${id} is ${record.state}.`);
  }
  throw error;
}
