import { quoteDisplayName } from './display-name.js';
import { parseNameAddr } from './name-addr.js';
import { formatSipUri, parseSipUri, type SipUri, withoutHeaders } from './sip-uri.js';
import { formatTelUri, parseTelUri, type TelUri } from './tel-uri.js';

/** Who asked for a transfer (RFC 3892), past the border. */
export interface ReferredBy {
  /** Quoted and escaped; `null` when there is none that may stand on the wire. */
  readonly display: string | null;
  readonly uri: SipUri | TelUri;
}

const MAX_LENGTH = 4096;

/**
 * Reads a Referred-By value; `undefined` when it names no SIP or tel URI. The `cid` parameter is dropped: it points
 * at a body that is not carried on, and a recipient would look for it (RFC 3892 2.1).
 */
export function parseReferredBy(text: string): ReferredBy | undefined {
  const read = text.length > MAX_LENGTH ? null : parseNameAddr(text);
  if (read === null) return undefined;
  const sip = parseSipUri(read.uri);
  const uri = sip === undefined ? parseTelUri(read.uri) : withoutHeaders(sip);
  if (uri === undefined) return undefined;
  return { display: read.display === null ? null : (quoteDisplayName(read.display) ?? null), uri };
}

export const formatReferredBy = ({ display, uri }: ReferredBy): string =>
  `${display === null ? '' : `${display} `}<${uri.scheme === 'tel' ? formatTelUri(uri) : formatSipUri(uri)}>`;
