import type { SentHeaders } from 'drachtio-srf';
import { ALLOW, SUPPORTED_AS_CALLER } from '../../sip/capabilities.js';

export { ALLOW, SUPPORTED_AS_CALLER };

/** Option tags of ours: besides, 100rel here (RFC 3262), timer in the server (RFC 4028). */
export const SUPPORTED = `100rel, timer, ${SUPPORTED_AS_CALLER}`;

const KNOWN_OPTIONS: readonly string[] = ['100rel', 'timer', 'replaces', 'norefersub'];

/** A final response and what it carries. */
export interface Answer {
  readonly code: number;
  readonly reason: string;
  readonly headers: SentHeaders;
}

export const OK: Answer = { code: 200, reason: 'OK', headers: {} };

export const METHOD_NOT_ALLOWED: Answer = {
  code: 405,
  reason: 'Method Not Allowed',
  headers: { Allow: ALLOW },
};

export const NO_SUCH_DIALOG: Answer = {
  code: 481,
  reason: 'Call/Transaction Does Not Exist',
  headers: {},
};

export const CAPABILITIES: Answer = {
  code: 200,
  reason: 'OK',
  headers: { Allow: ALLOW, Supported: SUPPORTED, Accept: 'application/sdp' },
};

/** Words of a comma list, lower-case. */
export function optionTags(value: string | undefined): string[] {
  if (value === undefined) return [];
  return value
    .split(',')
    .map((tag) => tag.trim().toLowerCase())
    .filter((tag) => tag !== '');
}

/** RFC 3261 8.2.2.3: a demand for something we do not know, or `null`. */
export function badExtension(require: string | undefined): Answer | null {
  const unknown = optionTags(require).filter((tag) => !KNOWN_OPTIONS.includes(tag));
  if (unknown.length === 0) return null;
  return { code: 420, reason: 'Bad Extension', headers: { Unsupported: unknown.join(', ') } };
}

/** What is wrong with an INVITE's or UPDATE's demands and body, or `null`. */
export function unacceptable(
  require: string | undefined,
  contentType: string | undefined,
  body: string | undefined,
): Answer | null {
  const extension = badExtension(require);
  if (extension !== null) return extension;
  if (body === undefined || body === '' || contentType === undefined) return null;
  const semicolon = contentType.indexOf(';');
  const type = (semicolon < 0 ? contentType : contentType.slice(0, semicolon)).trim().toLowerCase();
  if (type === 'application/sdp') return null;
  return { code: 415, reason: 'Unsupported Media Type', headers: { Accept: 'application/sdp' } };
}
