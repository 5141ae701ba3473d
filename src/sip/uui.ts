import { characterSet, consistsOf, isHexDigit, isUnicode } from './character-set.js';
import { type HeaderValue, MAX_HEADER_BYTES, parseHeaderValue } from './headers.js';

/** Data for a call centre as a command gives it (RFC 7433). */
export interface UserToUser {
  readonly data: string;
  readonly encoding: 'hex' | 'text' | 'base64';
}

const isBase64Digit = characterSet('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/');

const ENCODED = ';encoding=hex';

/** Two hex digits for each byte, and the value still fits a header. */
export const MAX_USER_TO_USER_BYTES = Math.floor((MAX_HEADER_BYTES - ENCODED.length) / 2);

/**
 * Value of a User-to-User header: always `<hex>;encoding=hex`, the one form every receiver knows (RFC 7433 4.1).
 * `undefined` when the data is empty, not what `encoding` says, or too long for a header.
 */
export function formatUserToUser({ data, encoding }: UserToUser): HeaderValue | undefined {
  const hex = toHex(data, encoding);
  return hex === undefined || hex === '' ? undefined : parseHeaderValue(hex + ENCODED);
}

function toHex(data: string, encoding: UserToUser['encoding']): string | undefined {
  switch (encoding) {
    case 'hex':
      return data.length % 2 === 0 && consistsOf(data, isHexDigit) ? data : undefined;
    case 'text':
      return isUnicode(data) ? hexOf(new TextEncoder().encode(data)) : undefined;
    case 'base64':
      return fromBase64(data);
  }
}

/** RFC 4648 4, padded or not; what is left over of the last digit must be zero, or it would be lost silently. */
function fromBase64(text: string): string | undefined {
  const digits = text.endsWith('==') ? text.slice(0, -2) : text.endsWith('=') ? text.slice(0, -1) : text;
  const padded = digits.length === text.length || text.length % 4 === 0;
  if (!padded || !consistsOf(digits, isBase64Digit)) return undefined;
  const bytes = Buffer.from(digits, 'base64');
  return bytes.toString('base64').replaceAll('=', '') === digits ? hexOf(bytes) : undefined;
}

const hexOf = (bytes: Uint8Array): string =>
  Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
