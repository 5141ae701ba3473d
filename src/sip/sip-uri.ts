import { UNRESERVED, characterSet, consistsOfEscaped, hasControl, isUnicode } from './character-set.js';
import { parseHostPort } from './host-port.js';
import { formatUriParameters, parseUriParameters, type UriParameter } from './uri-parameters.js';

/**
 * A `sip:` or `sips:` URI (RFC 3261 19.1). Made by the functions of this file only, so that what is formatted
 * from one never holds a character that could end a header line.
 */
export interface SipUri {
  readonly scheme: 'sip' | 'sips';
  /** As written, escapes kept; {@link userOf} decodes it. `null` = no user part. */
  readonly user: string | null;
  /** Lower case; IPv6 in brackets. */
  readonly host: string;
  readonly port: number | null;
  readonly parameters: readonly UriParameter[];
  /** The text after `?`, raw: embedded headers are never taken apart here, only carried or dropped. */
  readonly headers: string | null;
  readonly __brand: 'SipUri';
}

/** Longer than any URI a phone sends, short enough to look at in no time. */
const MAX_LENGTH = 2048;

/** RFC 3261 25.1: `user` is unreserved, escaped, or one of these. */
const isUserCharacter = characterSet(UNRESERVED, '&=+$,;?/');
/** RFC 3261 25.1: `hnv-unreserved`, with the `=` and `&` between headers. */
const isHeadersCharacter = characterSet(UNRESERVED, '[]/?:+$=&');

/** `undefined` when it is no SIP URI, is overlong, or carries a password (RFC 3261 19.1.1 advises against it). */
export function parseSipUri(text: string): SipUri | undefined {
  if (text.length > MAX_LENGTH) return undefined;
  const colon = text.indexOf(':');
  const scheme = text.slice(0, Math.max(colon, 0)).toLowerCase();
  if (scheme !== 'sip' && scheme !== 'sips') return undefined;
  const at = text.indexOf('@', colon);
  const user = at === -1 ? null : text.slice(colon + 1, at);
  // A colon is no user character, so a password is refused here.
  if (user !== null && !consistsOfEscaped(user, isUserCharacter)) return undefined;
  return afterUser(scheme, user, text.slice((at === -1 ? colon : at) + 1));
}

function afterUser(scheme: 'sip' | 'sips', user: string | null, text: string): SipUri | undefined {
  const question = text.indexOf('?');
  const headers = question === -1 ? null : text.slice(question + 1);
  if (headers !== null && !consistsOfEscaped(headers, isHeadersCharacter)) return undefined;
  const beforeHeaders = question === -1 ? text : text.slice(0, question);
  const semicolon = beforeHeaders.indexOf(';');
  const parameters = semicolon === -1 ? [] : parseUriParameters(beforeHeaders.slice(semicolon + 1));
  const hostPort = parseHostPort(semicolon === -1 ? beforeHeaders : beforeHeaders.slice(0, semicolon));
  if (parameters === undefined || hostPort === undefined || hostPort.port === 0) return undefined;
  return { scheme, user, ...hostPort, parameters, headers } as SipUri;
}

/** As {@link parseSipUri}; `bob@host` without a scheme means `sip:bob@host` (JAICP `sipUri`, features 1.5 row 6). */
export const parseSipUriOrAddress = (text: string): SipUri | undefined =>
  parseSipUri(text) ?? (text.includes('@') ? parseSipUri(`sip:${text}`) : undefined);

export function formatSipUri(uri: SipUri): string {
  const user = uri.user === null ? '' : `${uri.user}@`;
  const port = uri.port === null ? '' : `:${uri.port}`;
  const headers = uri.headers === null ? '' : `?${uri.headers}`;
  return `${uri.scheme}:${user}${uri.host}${port}${formatUriParameters(uri.parameters)}${headers}`;
}

/** The user part decoded; `undefined` when there is none, or an escape hides a control character or broken UTF-8. */
export function userOf(uri: SipUri): string | undefined {
  if (uri.user === null) return undefined;
  try {
    const user = decodeURIComponent(uri.user);
    return hasControl(user) || user.includes('\t') ? undefined : user;
  } catch {
    return undefined;
  }
}

/** The same URI with another user part, escaped where needed; `undefined` when that cannot be a user part. */
export function withUser(uri: SipUri, user: string): SipUri | undefined {
  const escaped = escapeUser(user);
  return escaped === undefined ? undefined : parseSipUri(formatSipUri({ ...uri, user: escaped }));
}

/** The same URI without embedded headers: they are commands of a stranger, not part of an address. */
export const withoutHeaders = (uri: SipUri): SipUri => ({ ...uri, headers: null });

function escapeUser(user: string): string | undefined {
  if (user === '' || !isUnicode(user) || hasControl(user) || user.includes('\t')) return undefined;
  let escaped = '';
  for (const char of user) {
    escaped += isUserCharacter(char.charCodeAt(0)) ? char : encodeURIComponent(char);
  }
  return escaped;
}
