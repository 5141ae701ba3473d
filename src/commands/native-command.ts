import type { CommandTarget, TransferCommand } from '../domain/command.js';
import { checkShape } from '../shape/check-shape.js';
import { ruleProblems, toFallbackRules } from '../shape/failure-policy.js';
import { formats } from '../shape/formats.js';
import type { Path, Problem } from '../shape/path.js';
import { soundProblems, toTransferSounds } from '../shape/transfer-sounds.js';
import { parseNumber } from '../sip/numbers.js';
import { checkHeaders } from './custom-headers.js';
import { refuseIfWrong } from './refusal.js';
import { type NativeCommand, transferCommandSchema } from './transfer-command-schema.js';
import { userToUserProblems } from './user-to-user.js';

/**
 * The body of `POST .../transfers`, or a `transfer` reply of a bot, as a command of the domain.
 *
 * @param at path of the command in the body, for a command inside a list
 * @throws AppError `invalid_field` naming every wrong field
 */
export function parseNativeCommand(body: unknown, at: Path = []): TransferCommand {
  const shape = checkShape(transferCommandSchema, body, { formats });
  refuseIfWrong(shape.problems.map((p) => ({ ...p, path: [...at, ...p.path] })));
  // The shape check has just proved it.
  const command = shape.value as NativeCommand;
  const headers = checkHeaders(command.headers, [...at, 'headers']);
  refuseIfWrong([
    ...headers.problems,
    ...ruleProblems(command.onFailure ?? [], [...at, 'onFailure'], 'command'),
    ...soundProblems(command, at, 'command'),
    ...callerIdProblems(command, at),
    ...userToUserProblems(command.userToUser, [...at, 'userToUser', 'data']),
  ]);
  // Each stays exactly as written: it is the `number` of the transfer status (CONTRACT 4).
  const [first, ...rest] = targetsOf(command);
  if (first === undefined) throw new Error('the schema lets no empty list of targets pass');
  return { ...settingsOf(command), targets: [first, ...rest], headers: headers.headers };
}

const targetsOf = ({ target }: NativeCommand): readonly CommandTarget[] =>
  Array.isArray(target) ? target : [target];

function settingsOf(command: NativeCommand): Omit<TransferCommand, 'targets' | 'headers'> {
  const {
    method,
    ringTimeoutMs,
    userToUser,
    callerId,
    via,
    returnToBot,
    continueRecording,
    reason,
    onFailure,
    metadata,
  } = command;
  const sounds = toTransferSounds(command);
  const number = callerId?.number === undefined ? undefined : parseNumber(callerId.number);
  return {
    method,
    metadata,
    ...(ringTimeoutMs !== undefined && { ringTimeoutMs }),
    ...(userToUser !== undefined && { userToUser }),
    ...(callerId !== undefined && {
      callerId: { policy: callerId.policy, ...(number !== undefined && { number }) },
    }),
    ...(via !== undefined && { via }),
    ...(returnToBot !== undefined && { returnToBot }),
    ...(continueRecording !== undefined && { continueRecording }),
    ...(Object.keys(sounds).length > 0 && { sounds }),
    ...(reason !== undefined && { reason }),
    ...(onFailure !== undefined && { onFailure: toFallbackRules(onFailure) }),
  };
}

function callerIdProblems({ callerId }: NativeCommand, at: Path): Problem[] {
  if (callerId === undefined || (callerId.policy === 'fixed') === (callerId.number !== undefined)) return [];
  const message =
    callerId.policy === 'fixed'
      ? 'is missing; the policy fixed needs a number'
      : `has no meaning with ${callerId.policy}; it belongs to fixed`;
  return [{ path: [...at, 'callerId', 'number'], message }];
}
