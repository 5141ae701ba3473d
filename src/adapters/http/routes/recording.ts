import type { FastifyInstance } from 'fastify';
import { Type } from 'typebox';
import { asCallId } from '../../../domain/ids.js';
import { AppError } from '../../../errors.js';
import type { Deps } from '../options.js';
import { RECORDING_ACTIONS, type RecordingAction } from '../schemas/call.js';
import { answer, BODY_ERRORS, OTHER_ENGINE_ERRORS, problems } from '../schemas/problems.js';
import { pathParam } from './request-parts.js';

const body = Type.Object(
  { action: Type.Enum([...RECORDING_ACTIONS], { description: 'pause writes silence; stop is for good' }) },
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
      ...problems(...BODY_ERRORS, 'call_not_found', 'not_recording', ...OTHER_ENGINE_ERRORS),
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

/** @throws AppError `invalid_field` naming what is wrong, or what else there is */
function actionOf(value: unknown): RecordingAction {
  const fields: Record<string, unknown> = typeof value === 'object' && value !== null ? { ...value } : {};
  const { action: given, ...more } = fields;
  const action = RECORDING_ACTIONS.find((known) => known === given);
  if (action === undefined) throw wrong('action', `must be one of ${RECORDING_ACTIONS.join(', ')}`);
  const [unknown] = Object.keys(more);
  if (unknown !== undefined) throw wrong(unknown, 'is not known here');
  return action;
}

const wrong = (path: string, message: string): AppError =>
  new AppError('invalid_field', `${path} ${message}`, [{ path, message }]);
