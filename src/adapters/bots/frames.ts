import type { EventId } from '../../domain/ids.js';
import { AppError } from '../../errors.js';
import { parsed } from './answers.js';
import type { QueuedEvent } from './queued-event.js';

/** What a connected bot may send. */
export type BotFrame =
  | { readonly kind: 'ack'; readonly event: EventId }
  | {
      readonly kind: 'reply';
      readonly callId: string;
      /** The event that is answered; absent: the one that asked last. */
      readonly inReplyTo?: EventId;
      /** In one of the wrappers of a webhook's answer. */
      readonly body: unknown;
    };

/** The JSON a webhook would get, with the event's id where the dialect has none. */
export function eventFrame({ id, body }: QueuedEvent): string {
  return JSON.stringify({ ...(JSON.parse(body.toString('utf8')) as object), id });
}

/** Tells a bot what was wrong with its message; `callId` where the message named one. */
export function errorFrame(error: AppError, callId: string | null): string {
  const { code, detail, fields } = error;
  return JSON.stringify({
    error: { code, detail, ...(fields.length > 0 && { errors: fields }) },
    ...(callId !== null && { callId }),
  });
}

/** Tells a bot what its replies did not bring about. */
export const warningFrame = (callId: string, detail: string): string =>
  JSON.stringify({ warning: { detail }, callId });

/** @throws AppError `malformed_json`, `invalid_field` */
export function readFrame(text: string): BotFrame {
  const frame = parsed(text);
  if (typeof frame !== 'object' || frame === null || Array.isArray(frame)) throw wrong('', SHAPE);
  const { ack, callId, inReplyTo, question, ...body } = frame as Readonly<Record<string, unknown>>;
  if (ack !== undefined) return { kind: 'ack', event: eventIdIn(ack, 'ack') };
  if (callId === undefined) throw wrong('', SHAPE);
  if (typeof callId !== 'string') throw wrong('callId', 'must be a text');
  const answered = inReplyTo ?? question;
  return {
    kind: 'reply',
    callId,
    ...(answered != null && { inReplyTo: eventIdIn(answered, 'inReplyTo') }),
    body,
  };
}

const SHAPE = 'is not understood; send {"ack":"evt_..."} or {"callId":"call_...","replies":[...]}';

function eventIdIn(value: unknown, path: string): EventId {
  // Looked up, never trusted to exist.
  if (typeof value === 'string' && value !== '') return value as EventId;
  throw wrong(path, 'must be the id of an event');
}

const wrong = (path: string, message: string): AppError =>
  new AppError('invalid_field', `${path === '' ? 'the message' : path}: ${message}`, [{ path, message }]);
