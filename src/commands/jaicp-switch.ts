import type { TransferCommand } from '../domain/command.js';
import { AppError } from '../errors.js';
import { checkShape } from '../shape/check-shape.js';
import { formats } from '../shape/formats.js';
import { formatPath, type Path } from '../shape/path.js';
import { checkHeaders } from './custom-headers.js';
import { refuseIfWrong } from './refusal.js';
import { type SwitchReply, switchReplySchema } from './reply-list-schema.js';

/** JAICP gives no default in writing; its help speaks of a minute. */
const RING_SECONDS = 60;

/**
 * JAICP's telephony `switch` as a command of the domain (features 1.5 and 5.1).
 *
 * @throws AppError `invalid_field` naming every wrong field
 */
export function parseSwitch(body: unknown, at: Path): TransferCommand {
  const shape = checkShape(switchReplySchema, body, { formats });
  refuseIfWrong(shape.problems.map((p) => ({ ...p, path: [...at, ...p.path] })));
  // The shape check has just proved it.
  const reply = shape.value as SwitchReply;
  const target = targetOf(reply);
  if (target === undefined) throw nothingToDial(at);
  const common = {
    targets: [target] as const,
    ringTimeoutMs: Math.round(Number(reply.timeout ?? RING_SECONDS) * 1000),
    metadata: {},
  };
  // `transfer` is the old word for `refer`.
  const refers = reply.method === 'refer' || reply.method === 'transfer';
  return { ...common, ...(refers ? REFERRED : invited(reply, at)) };
}

/** The call leaves us, so JAICP ignores headers, channel, continueCall and continueRecording (features 5.1). */
const REFERRED = {
  method: 'refer',
  headers: [],
  returnToBot: false,
  continueRecording: false,
  // A refused REFER leaves the caller where he is: with the bot.
  otherwise: 'stay',
} as const;

function invited(reply: SwitchReply, at: Path): Omit<TransferCommand, 'targets' | 'metadata'> {
  const { headers, problems } = checkHeaders(textHeaders(reply.headers ?? {}), [...at, 'headers']);
  refuseIfWrong(problems);
  return {
    method: 'invite',
    headers,
    ...(reply.transferChannel != null && { via: reply.transferChannel }),
    returnToBot: reply.continueCall ?? false,
    continueRecording: reply.continueRecording ?? false,
    // Truth table of features 5.1: a failure brings the caller back only with continueCall.
    otherwise: reply.continueCall === true ? 'stay' : 'end',
  };
}

function nothingToDial(at: Path): AppError {
  const path = formatPath([...at, 'phoneNumber']);
  const message = 'is missing, and sipUri too; a chat `switch` means nothing on a call';
  return new AppError('invalid_field', `${path}: ${message}`, [{ path, message }]);
}

/** `sipUri` wins; either stays exactly as written, for it is the `number` of the transfer status. */
function targetOf({ sipUri, phoneNumber }: SwitchReply): TransferCommand['targets'][0] | undefined {
  if (sipUri != null) return { sipUri };
  return phoneNumber == null ? undefined : { phoneNumber: String(phoneNumber) };
}

/** Values come out of scripts: numbers and booleans become text, what is missing is left out (features 1.5 row 9). */
const textHeaders = (headers: NonNullable<SwitchReply['headers']>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) => (value === null ? [] : [[name, String(value)]])),
  );
