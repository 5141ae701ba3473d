import type { TransferCommand } from '../domain/command.js';
import type { Path, Problem } from '../shape/path.js';
import { characterSet, consistsOf, isHexDigit } from '../sip/character-set.js';
import { parseHeaderValue } from '../sip/headers.js';

/** Two hex digits for each, and the header value still fits its line (RFC 7433 4.1, `sip/headers`). */
const MAX_BYTES = 500;

const isBase64Digit = characterSet('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/');

/** What is wrong with the data of a User-to-User header, in the encoding it claims to have. */
export function userToUserProblems(userToUser: TransferCommand['userToUser'], path: Path): Problem[] {
  if (userToUser === undefined) return [];
  const { data, encoding } = userToUser;
  const bytes = LENGTH[encoding](data);
  if (bytes === undefined) return [{ path, message: `is not ${SPELLED[encoding]}` }];
  return bytes > MAX_BYTES ? [{ path, message: `is ${bytes} bytes long; at most ${MAX_BYTES} fit` }] : [];
}

const SPELLED = {
  hex: 'hex: pairs of the digits 0-9 and a-f',
  base64: 'base64 with its padding',
  text: 'one line of text without control characters',
} as const;

/** Bytes the data stands for; `undefined` when it is not written in that encoding. */
const LENGTH = {
  hex: (data: string) =>
    consistsOf(data, isHexDigit) && data.length % 2 === 0 ? data.length / 2 : undefined,
  base64: base64Length,
  text: (data: string) => (parseHeaderValue(data) === undefined ? undefined : Buffer.byteLength(data)),
} as const satisfies Record<string, (data: string) => number | undefined>;

function base64Length(data: string): number | undefined {
  const padding = data.endsWith('==') ? 2 : data.endsWith('=') ? 1 : 0;
  const digits = data.slice(0, data.length - padding);
  if (data.length % 4 !== 0 || !consistsOf(digits, isBase64Digit)) return undefined;
  return (data.length / 4) * 3 - padding;
}
