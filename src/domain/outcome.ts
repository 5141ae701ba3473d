/**
 * How a transfer, or one attempt of it, ended: one word for people and policies, and the evidence behind it.
 * The words are CONTRACT 4; the mapping from SIP is the data in `outcome-table.ts`.
 */
export const OUTCOMES = [
  'answered',
  'busy',
  'no_answer',
  'declined',
  'invalid_number',
  'unreachable',
  'forbidden',
  'auth_failed',
  'not_supported',
  'media_incompatible',
  'congestion',
  'server_error',
  'timeout',
  'loop',
  'machine',
  'caller_hangup',
  'cancelled',
  'outside_hours',
  'unknown',
] as const;

export type Outcome = (typeof OUTCOMES)[number];

/** Who ended the attempt: the same `487` means three things depending on this. */
export type DecidedBy =
  | 'far_end'
  | 'ring_timer'
  | 'transaction_timer'
  | 'refer_timer'
  | 'caller'
  | 'api'
  | 'policy'
  | 'engine'
  | 'signalling_lost'
  /** The engine died, and another one, which could not go on with it, says so. */
  | 'interrupted';

/** In which part of the transfer the verdict fell. */
export type EvidencePhase =
  'policy' | 'prompt' | 'invite' | 'media' | 'bridge' | 'retry_wait' | 'refer_response' | 'notify' | 'bye';

/** Beside the one word: what was seen, so that nobody has to guess (CONTRACT 4). `null` = was not there. */
export interface Evidence {
  readonly sipCode: number | null;
  readonly sipReason: string | null;
  readonly q850: number | null;
  readonly phase: EvidencePhase;
  readonly decidedBy: DecidedBy;
  /** 1-based number of the attempt the verdict rests on; 0 when none was made. */
  readonly attempt: number;
}

/** A final failure of a request of ours, as the far end or our own timers said it. */
export interface Refusal {
  readonly code: number;
  readonly reason: string;
  /** `Reason: Q.850;cause=` of the response (RFC 6432). */
  readonly q850: number | null;
  /** `Retry-After` in ms. */
  readonly retryAfterMs: number | null;
  /**
   * `local`: no far end said this: transaction timer, transport error, a deadline of ours. `policy`: the request was
   * never sent, and `reason` says why.
   */
  readonly by: 'far_end' | 'local' | 'policy';
}

/** The three fields a JAICP bot reads (features 5.1), kept for every dialect. */
export interface TransferStatus {
  readonly status: 'SUCCESS' | 'FAIL';
  /** True when the caller is gone. */
  readonly hangup: boolean;
  /** The target as the command gave it. */
  readonly number: string;
}
