import type { SipStatus } from './effect.js';
import type { Evidence, Outcome, Refusal } from './outcome.js';

/**
 * SIP status -> outcome (features 5.5). Data, one row per code; a class row (`4xx`) catches the rest.
 * Implementations in the field disagree on many of these, so the status decides and Q.850 only refines (5.6).
 */
export const SIP_OUTCOMES: Readonly<Record<string, Outcome>> = {
  '400': 'not_supported',
  '401': 'auth_failed',
  '402': 'forbidden',
  '403': 'forbidden',
  '404': 'invalid_number',
  '405': 'not_supported',
  '406': 'media_incompatible',
  '407': 'auth_failed',
  '408': 'no_answer',
  '410': 'invalid_number',
  '414': 'not_supported',
  '415': 'media_incompatible',
  '416': 'not_supported',
  '420': 'not_supported',
  '421': 'not_supported',
  '429': 'auth_failed',
  '480': 'no_answer',
  '481': 'unknown',
  '482': 'loop',
  '483': 'loop',
  '484': 'invalid_number',
  '485': 'invalid_number',
  '486': 'busy',
  '487': 'cancelled',
  '488': 'media_incompatible',
  '500': 'server_error',
  '501': 'not_supported',
  '502': 'unreachable',
  '503': 'congestion',
  '504': 'unreachable',
  '505': 'not_supported',
  '513': 'not_supported',
  '580': 'media_incompatible',
  '600': 'busy',
  '603': 'declined',
  '604': 'invalid_number',
  '606': 'media_incompatible',
  '607': 'declined',
  '608': 'declined',
  '3xx': 'not_supported',
  '4xx': 'unknown',
  '5xx': 'server_error',
  '6xx': 'declined',
};

/** Q.850 cause -> outcome (features 5.6). 16 and 31 say nothing about why. */
export const Q850_OUTCOMES: Readonly<Record<number, Outcome>> = {
  1: 'invalid_number',
  2: 'invalid_number',
  3: 'invalid_number',
  17: 'busy',
  18: 'no_answer',
  19: 'no_answer',
  20: 'unreachable',
  21: 'declined',
  22: 'invalid_number',
  25: 'loop',
  26: 'declined',
  27: 'unreachable',
  28: 'invalid_number',
  29: 'not_supported',
  34: 'congestion',
  38: 'congestion',
  41: 'congestion',
  42: 'congestion',
  44: 'congestion',
  47: 'congestion',
  52: 'forbidden',
  54: 'forbidden',
  55: 'forbidden',
  57: 'forbidden',
  58: 'congestion',
  65: 'media_incompatible',
  69: 'not_supported',
  70: 'media_incompatible',
  79: 'not_supported',
  87: 'forbidden',
  88: 'media_incompatible',
  102: 'timeout',
  111: 'server_error',
  127: 'server_error',
};

/** Codes vague enough for a `Reason: Q.850` in the response to say more than they do (features 5.6). */
const REFINED: ReadonlySet<number> = new Set([480, 487, 503, 603]);

/** The outcome of a refused INVITE. A 408 or 503 no far end sent means that nobody was there to send it. */
export function outcomeOf(refusal: Refusal): Outcome {
  if (refusal.by === 'local' && (refusal.code === 408 || refusal.code === 503)) return 'unreachable';
  const refined =
    refusal.q850 !== null && REFINED.has(refusal.code) ? Q850_OUTCOMES[refusal.q850] : undefined;
  return (
    refined ??
    SIP_OUTCOMES[String(refusal.code)] ??
    SIP_OUTCOMES[`${Math.floor(refusal.code / 100)}xx`] ??
    'unknown'
  );
}

/**
 * What the caller's INVITE is answered with when the bot cannot be had: the bot's own word where it makes sense to
 * a carrier, and never a code that would make it act on us (a challenge, a redirect, "no such transaction").
 */
export function codeForCaller(refusal: Pick<Refusal, 'code' | 'reason' | 'by'>): SipStatus {
  const { code, reason, by } = refusal;
  if (by === 'local') return { code: 503, reason: 'Service Unavailable' };
  if (code < 400 || code === 401 || code === 407 || code === 481 || code === 491)
    return { code: 500, reason: 'Server Internal Error' };
  return code === 487 || code === 408 ? { code: 480, reason: 'Temporarily Unavailable' } : { code, reason };
}

/** The final response to a caller whose routed call found nobody, as its trunk wants it (features 4 idea 16). */
export function codeForFailed(
  outcome: Outcome,
  { sipCode, sipReason, decidedBy }: Evidence,
  statusMap: Readonly<Record<string, number>>,
): SipStatus {
  const told =
    sipCode === null
      ? (STATUS_OF[outcome] ?? { code: 480, reason: 'Temporarily Unavailable' })
      : codeForCaller({
          code: sipCode,
          reason: sipReason ?? '',
          by: decidedBy === 'far_end' ? 'far_end' : 'local',
        });
  return mapStatus(statusMap, told);
}

/** What a caller of a trunk is told in place of a final code its network would act on (`statusMap`). */
export function mapStatus(statusMap: Readonly<Record<string, number>>, told: SipStatus): SipStatus {
  const code = statusMap[String(told.code)];
  return code === undefined ? told : { code, reason: PHRASES[code] ?? 'Failed' };
}

/** A code for outcomes nobody's SIP said. */
const STATUS_OF: Readonly<Partial<Record<Outcome, SipStatus>>> = {
  busy: { code: 486, reason: 'Busy Here' },
  declined: { code: 603, reason: 'Decline' },
  forbidden: { code: 403, reason: 'Forbidden' },
  invalid_number: { code: 404, reason: 'Not Found' },
  media_incompatible: { code: 488, reason: 'Not Acceptable Here' },
  congestion: { code: 503, reason: 'Service Unavailable' },
  loop: { code: 482, reason: 'Loop Detected' },
  timeout: { code: 408, reason: 'Request Timeout' },
};

const PHRASES: Readonly<Record<number, string>> = {
  403: 'Forbidden',
  404: 'Not Found',
  408: 'Request Timeout',
  480: 'Temporarily Unavailable',
  486: 'Busy Here',
  487: 'Request Terminated',
  488: 'Not Acceptable Here',
  500: 'Server Internal Error',
  502: 'Bad Gateway',
  503: 'Service Unavailable',
  504: 'Server Time-out',
  600: 'Busy Everywhere',
  603: 'Decline',
};
