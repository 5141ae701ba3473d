import type { GivenReply } from '../domain/reply.js';
import { AppError } from '../errors.js';
import { checkShape } from '../shape/check-shape.js';
import { formats } from '../shape/formats.js';
import { formatPath, type Path } from '../shape/path.js';
import { refuseIfWrong } from './refusal.js';
import { type AudioReply, audioReplySchema, type TextReply, textReplySchema } from './reply-list-schema.js';

/** @throws AppError `invalid_field` naming every wrong field */
export function parseText(body: unknown, at: Path): GivenReply {
  const { text, tts } = checked(textReplySchema, body, at) as TextReply;
  const spoken = tts == null || tts.includes('<') ? text : tts;
  // Scripts send empty texts where a variable was empty; there is nothing to say then, and nothing wrong.
  return spoken.trim() === ''
    ? { kind: 'ignored', type: 'text' }
    : { kind: 'say', message: { text: spoken } };
}

/** @throws AppError `invalid_field` naming every wrong field */
export function parseAudio(body: unknown, at: Path): GivenReply {
  const { audioUri, audioUrl } = checked(audioReplySchema, body, at) as AudioReply;
  const uri = audioUri ?? audioUrl;
  if (uri == null) throw nothingToPlay(at);
  return { kind: 'say', message: { audioUri: uri } };
}

function nothingToPlay(at: Path): AppError {
  const path = formatPath([...at, 'audioUri']);
  const message = 'is missing; give the address of a sound';
  return new AppError('invalid_field', `${path}: ${message}`, [{ path, message }]);
}

/** The caller names the type that goes with the schema: the check has just proved it. */
function checked(schema: Parameters<typeof checkShape>[0], body: unknown, at: Path): unknown {
  const shape = checkShape(schema, body, { formats });
  refuseIfWrong(shape.problems.map((p) => ({ ...p, path: [...at, ...p.path] })));
  return shape.value;
}
