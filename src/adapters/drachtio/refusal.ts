import type { Response } from 'drachtio-srf';
import type { Refusal } from '../../domain/outcome.js';
import { parseReason } from '../../sip/reason.js';
import { parseRetryAfter } from '../../sip/retry-after.js';

/** Nobody but us said so. */
export const localRefusal = (code: number, reason: string): Refusal => ({
  code,
  reason,
  q850: null,
  retryAfterMs: null,
  by: 'local',
});

/**
 * A final failure from the server. The server makes up 408 (timer B) and 503 (transport error) itself: those have no
 * packet behind them, and so no source address.
 */
export function refusalOf(res: Response): Refusal {
  return {
    code: res.status,
    reason: res.reason,
    q850: parseReason(res.headers['reason']).q850,
    retryAfterMs: parseRetryAfter(res.headers['retry-after']),
    by: res.source_address === '' ? 'local' : 'far_end',
  };
}

/** The server did not take a request of ours. */
export function sendFailure(error: unknown): Refusal {
  // The dialog went away just then: to the engine the same as the far end's 481.
  if (isForgotten(error)) return localRefusal(481, 'Call/Transaction Does Not Exist');
  return localRefusal(503, error instanceof Error ? error.message : String(error));
}

/** The server knows no such dialog. */
export function isForgotten(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENODIALOG';
}
