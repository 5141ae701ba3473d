import type { TransferCommand } from '../domain/command.js';
import type { Path, Problem } from '../shape/path.js';
import { formatUserToUser, MAX_USER_TO_USER_BYTES } from '../sip/uui.js';

/** What is wrong with the data of a User-to-User header: nothing, if it can be written as one. */
export function userToUserProblems(userToUser: TransferCommand['userToUser'], path: Path): Problem[] {
  if (userToUser === undefined || formatUserToUser(userToUser) !== undefined) return [];
  const message = `must be ${SPELLED[userToUser.encoding]}; at most ${MAX_USER_TO_USER_BYTES} bytes of data`;
  return [{ path, message }];
}

const SPELLED = {
  hex: 'hex, pairs of the digits 0-9 and a-f',
  base64: 'base64 of the alphabet with + and /',
  text: 'Unicode text',
} as const;
