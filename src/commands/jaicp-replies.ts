import type { GivenReply } from '../domain/reply.js';
import { AppError } from '../errors.js';
import { formatPath, type Path } from '../shape/path.js';
import { parseSwitch } from './jaicp-switch.js';
import { parseNativeCommand } from './native-command.js';
import { refuseIfWrong } from './refusal.js';
import { parseAudio, parseText } from './spoken-reply.js';

const MAX_REPLIES = 100;

/**
 * A JAICP reply list taken verbatim: the list, `{replies: [...]}` or `{data: {replies: [...]}}`. Types that are for
 * the eye (`image`, `buttons`, ...) are `ignored`: a bot that serves chats too sends them, and the rest is meant.
 *
 * @throws AppError `invalid_field`; then nothing of the list is carried out
 */
export function parseReplies(body: unknown): readonly GivenReply[] {
  const { list, path } = unwrap(body);
  return list.map((reply, i) => parseReply(reply, [...path, i]));
}

function unwrap(body: unknown): { readonly list: readonly unknown[]; readonly path: Path } {
  for (const path of [[], ['replies'], ['data', 'replies']]) {
    const list = path.reduce<unknown>((value, key) => (isMapping(value) ? value[key] : undefined), body);
    if (!Array.isArray(list)) continue;
    if (list.length <= MAX_REPLIES) return { list, path };
    refuseIfWrong([{ path, message: `has more than ${MAX_REPLIES} items` }]);
  }
  throw new AppError('invalid_field', 'the body holds no list of replies; send {"replies":[...]}', [
    { path: 'replies', message: 'is missing; give a list' },
  ]);
}

function parseReply(reply: unknown, path: Path): GivenReply {
  const type = isMapping(reply) ? reply['type'] : undefined;
  if (!isMapping(reply) || typeof type !== 'string' || type === '') {
    const message = isMapping(reply) ? 'is missing; say what the reply is' : 'must be a mapping with type';
    throw new AppError('invalid_field', `${formatPath(path)}: every reply needs a type`, [
      { path: formatPath(isMapping(reply) ? [...path, 'type'] : path), message },
    ]);
  }
  switch (type) {
    case 'text':
      return parseText(reply, path);
    case 'audio':
      return parseAudio(reply, path);
    case 'switch':
      return { kind: 'switch', command: parseSwitch(reply, path) };
    case 'transfer':
      return { kind: 'switch', command: parseNativeCommand(withoutType(reply), path) };
    case 'hangup':
      return { kind: 'hangup' };
    default:
      return { kind: 'ignored', type: type.slice(0, 64) };
  }
}

const withoutType = (reply: Readonly<Record<string, unknown>>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(reply).filter(([key]) => key !== 'type'));

const isMapping = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
