import { type HeaderName, type HeaderValue, parseHeaderName, parseHeaderValue } from './headers.js';
import { parseNameAddr } from './name-addr.js';
import { unescapePercent } from './percent.js';
import { parseReplaces, type Replaces } from './replaces.js';
import { parseSipUri, type SipUri } from './sip-uri.js';
import { parseTelUri, type TelUri } from './tel-uri.js';
import { uriParameter } from './uri-parameters.js';

/** A Refer-To value taken apart (RFC 3515 2.1): where to, and what the referrer wants said there. */
export interface ReferTo {
  /** Without embedded headers and without the `method` parameter: neither belongs into a Request-URI. */
  readonly uri: SipUri | TelUri;
  /** Headers inside the URI (`?name=value&...`), unescaped, in the order written; Replaces stands beside. */
  readonly headers: readonly (readonly [name: HeaderName, value: HeaderValue])[];
  /** The dialog to be replaced (RFC 3891), for an attended transfer. */
  readonly replaces: Replaces | null;
  /** The `method` parameter, in capitals; `null`: INVITE (RFC 3261 19.1.1). */
  readonly method: string | null;
}

const MAX_LENGTH = 4096;

/**
 * Reads the one name-addr or addr-spec of a Refer-To. `undefined` when it is none or more than one, when its URI is
 * neither `sip:`, `sips:` nor `tel:`, or when a header inside it is malformed, overlong or a second Replaces.
 */
export function parseReferTo(text: string): ReferTo | undefined {
  if (text.length > MAX_LENGTH || hasSecondValue(text)) return undefined;
  const uri = parseNameAddr(text)?.uri;
  if (uri === undefined) return undefined;
  const tel = parseTelUri(uri);
  if (tel !== undefined) return { uri: tel, headers: [], replaces: null, method: null };
  // `?` may stand in the user part, where it begins nothing.
  const question = uri.indexOf('?', uri.indexOf('@') + 1);
  const sip = parseSipUri(question === -1 ? uri : uri.slice(0, question));
  const headers = question === -1 ? [] : embeddedHeaders(uri.slice(question + 1));
  return sip === undefined || headers === undefined ? undefined : assemble(sip, headers);
}

type Embedded = ReferTo['headers'];

function assemble(uri: SipUri, embedded: Embedded): ReferTo | undefined {
  const named = embedded.filter(([name]) => isReplaces(name)).map(([, value]) => value);
  const [value] = named;
  const replaces = value === undefined ? null : parseReplaces(value);
  if (named.length > 1 || replaces === undefined) return undefined;
  const method = uriParameter(uri.parameters, 'method');
  return {
    uri: { ...uri, parameters: uri.parameters.filter(([name]) => name.toLowerCase() !== 'method') },
    headers: embedded.filter(([name]) => !isReplaces(name)),
    replaces,
    method: method === undefined ? null : method.toUpperCase(),
  };
}

const isReplaces = (name: string): boolean => name.toLowerCase() === 'replaces';

/** Laxer than RFC 3261 25.1: old phones leave `@` and `;` of a Replaces unescaped. */
function embeddedHeaders(text: string): Embedded | undefined {
  const headers: (readonly [HeaderName, HeaderValue])[] = [];
  for (const part of text.split('&')) {
    const equals = part.indexOf('=');
    const name = equals === -1 ? undefined : unescapePercent(part.slice(0, equals));
    const value = equals === -1 ? undefined : unescapePercent(part.slice(equals + 1));
    const checkedName = name === undefined ? undefined : parseHeaderName(name);
    const checkedValue = value === undefined ? undefined : parseHeaderValue(value);
    if (checkedName === undefined || checkedValue === undefined) return undefined;
    headers.push([checkedName, checkedValue]);
  }
  return headers;
}

/** RFC 3515 2.1 allows one value; a second would be a second place to send the caller to. */
function hasSecondValue(text: string): boolean {
  let quoted = false;
  let bracketed = false;
  for (let i = 0; i < text.length; i++) {
    const char = text[i];
    if (quoted && char === '\\') i++;
    else if (char === '"' && !bracketed) quoted = !quoted;
    else if (quoted) continue;
    else if (char === '<') bracketed = true;
    else if (char === '>') bracketed = false;
    else if (char === ',' && !bracketed) return true;
  }
  return false;
}
