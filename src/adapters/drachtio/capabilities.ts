import type { SentHeaders } from 'drachtio-srf';

/** What is answered with something else than 405 inside a dialog (RFC 3261 20.5). */
export const ALLOW = 'INVITE, ACK, CANCEL, BYE, OPTIONS, UPDATE, INFO, PRACK, NOTIFY, REFER';

/** Option tags of ours: 100rel here (RFC 3262), timer in the server (RFC 4028). */
export const SUPPORTED = '100rel, timer';

const KNOWN_OPTIONS: readonly string[] = ['100rel', 'timer'];

/** A final response and what it carries. */
export interface Answer {
  readonly code: number;
  readonly reason: string;
  readonly headers: SentHeaders;
}

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

/** What is wrong with an INVITE's or UPDATE's demands and body, or `null`. */
export function unacceptable(
  require: string | undefined,
  contentType: string | undefined,
  body: string | undefined,
): Answer | null {
  const unknown = optionTags(require).filter((tag) => !KNOWN_OPTIONS.includes(tag));
  if (unknown.length > 0) {
    // RFC 3261 8.2.2.3
    return { code: 420, reason: 'Bad Extension', headers: { Unsupported: unknown.join(', ') } };
  }
  if (body === undefined || body === '' || contentType === undefined) return null;
  const semicolon = contentType.indexOf(';');
  const type = (semicolon < 0 ? contentType : contentType.slice(0, semicolon)).trim().toLowerCase();
  if (type === 'application/sdp') return null;
  return { code: 415, reason: 'Unsupported Media Type', headers: { Accept: 'application/sdp' } };
}
