import type { FastifyInstance } from 'fastify';
import { Type } from 'typebox';
import { asCallId } from '../../../domain/ids.js';
import { AppError } from '../../../errors.js';
import type { Deps } from '../options.js';
import { answer, BODY_ERRORS, problems } from '../schemas/problems.js';
import { pathParam } from './request-parts.js';

const ACTIONS = ['pause', 'resume', 'stop'] as const;
type Action = (typeof ACTIONS)[number];

const body = Type.Object(
  { action: Type.Enum([...ACTIONS], { description: 'pause writes silence; stop is for good' }) },
  { additionalProperties: false },
);

/** Pausing a recording while a card number is read out, and ending it. */
export function recordingRoutes(app: FastifyInstance, { control }: Deps): void {
  const schema = {
    tags: ['calls'],
    summary: 'Pause, resume or stop the recording of a call',
    description: 'What becomes of it is told by the event `call.recording`.',
    params: pathParam('callId'),
    body,
    response: {
      202: answer('RecordingAsked', 'The media server has been asked.'),
      ...problems(...BODY_ERRORS, 'call_not_found', 'not_recording'),
    },
  };
  app.post<{ Params: { callId: string } }>(
    '/v1/calls/:callId/recording',
    { schema },
    async (request, reply) => {
      const action = actionOf(request.body);
      const callId = asCallId(request.params.callId);
      await control.record(callId, action);
      return reply.code(202).send({ callId, action });
    },
  );
}

function actionOf(value: unknown): Action {
  const given = typeof value === 'object' && value !== null && 'action' in value ? value.action : undefined;
  const action = ACTIONS.find((known) => known === given);
  if (action !== undefined) return action;
  const message = `must be one of ${ACTIONS.join(', ')}`;
  throw new AppError('invalid_field', `action ${message}`, [{ path: 'action', message }]);
}
