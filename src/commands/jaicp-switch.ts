import type { TransferCommand } from '../domain/command.js';
import { checkShape } from '../shape/check-shape.js';
import { formats } from '../shape/formats.js';
import type { Path } from '../shape/path.js';
import { checkHeaders } from './custom-headers.js';
import { refuseIfWrong } from './refusal.js';
import { type SwitchReply, switchReplySchema } from './reply-list-schema.js';

/** JAICP gives no default in writing; its help speaks of a minute. */
const RING_SECONDS = 60;

/** JAICP's telephony `switch` as a command of the domain (features 1.5 and 5.1). */
export function parseSwitch(body: unknown, at: Path): TransferCommand {
  const shape = checkShape(switchReplySchema, body, { formats });
  refuseIfWrong(shape.problems.map((p) => ({ ...p, path: [...at, ...p.path] })));
  // The shape check has just proved it.
  const reply = shape.value as SwitchReply;
  const headers = checkHeaders(textHeaders(reply.headers ?? {}), [...at, 'headers']);
  const target = targetOf(reply);
  const noTarget = {
    path: [...at, 'phoneNumber'],
    message: 'is missing, and sipUri too; a chat `switch` means nothing on a call',
  };
  const refer = {
    path: [...at, 'method'],
    message: `"${reply.method ?? ''}" is not available in this version; use "invite"`,
  };
  refuseIfWrong(
    [...headers.problems, ...(target === undefined ? [noTarget] : [])],
    reply.method === 'refer' || reply.method === 'transfer' ? [refer] : [],
  );
  if (target === undefined) throw new Error('refused above');
  return {
    targets: [target],
    method: 'invite',
    ringTimeoutMs: Math.round(Number(reply.timeout ?? RING_SECONDS) * 1000),
    headers: headers.headers,
    ...(reply.transferChannel != null && { via: reply.transferChannel }),
    returnToBot: reply.continueCall ?? false,
    continueRecording: reply.continueRecording ?? false,
    // Truth table of features 5.1: a failure brings the caller back only with continueCall.
    otherwise: reply.continueCall === true ? 'stay' : 'end',
    metadata: {},
  };
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
