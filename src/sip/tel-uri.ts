import { characterSet, consistsOf, onlyOf } from './character-set.js';
import { formatUriParameters, parseUriParameters, type UriParameter } from './uri-parameters.js';

/** A `tel:` URI (RFC 3966). */
export interface TelUri {
  readonly scheme: 'tel';
  /** Digits with an optional leading `+`; the visual separators of RFC 3966 5.1.1 carry no meaning and are gone. */
  readonly number: string;
  readonly parameters: readonly UriParameter[];
  readonly __brand: 'TelUri';
}

const isGlobalDigit = characterSet('0123456789');
/** RFC 3966 3: a local number may hold the hex digits and the two keys beside zero. */
const isLocalDigit = characterSet('0123456789abcdefABCDEF*#');
const isSeparator = characterSet('-.()');

/** A local number without `phone-context` is accepted: every voice platform writes `tel:1234`. */
export function parseTelUri(text: string): TelUri | undefined {
  if (text.length > 512 || text.slice(0, 4).toLowerCase() !== 'tel:') return undefined;
  const semicolon = text.indexOf(';');
  const written = text.slice(4, semicolon === -1 ? undefined : semicolon);
  const number = onlyOf(written, (code) => !isSeparator(code));
  const global = number.startsWith('+');
  if (!consistsOf(global ? number.slice(1) : number, global ? isGlobalDigit : isLocalDigit)) return undefined;
  const parameters = semicolon === -1 ? [] : parseUriParameters(text.slice(semicolon + 1));
  return parameters === undefined ? undefined : ({ scheme: 'tel', number, parameters } as TelUri);
}

export const formatTelUri = (uri: TelUri): string =>
  `tel:${uri.number}${formatUriParameters(uri.parameters)}`;
