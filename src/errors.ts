/**
 * The one catalogue of errors a user can cause or meet (R9): a stable code, the HTTP status it answers with, and
 * one sentence that says what is wrong and the way out. `docs/errors.md` is generated from it.
 */
export const ERRORS = {
  call_not_found: {
    status: 404,
    title: 'No such call',
    help: 'The call is over or never was; GET /v1/calls lists the live ones.',
  },
  transfer_not_found: {
    status: 404,
    title: 'No such transfer',
    help: 'Use the transferId of the 202 answer.',
  },
  session_not_found: {
    status: 404,
    title: 'No such transfer session',
    help: 'GET /v1/transfer-sessions lists them.',
  },
  no_transfer_yet: {
    status: 404,
    title: 'No transfer has ended on this call yet',
    help: 'Wait for the terminal event, then ask again.',
  },
  dead_letter_not_found: {
    status: 404,
    title: 'No such dead letter',
    help: 'It was delivered or removed meanwhile, or never died; GET /v1/dead-letters lists them.',
  },
  ladder_not_found: {
    status: 404,
    title: 'No ladder of this session is kept',
    help: 'Ladders are kept of calls with a transfer, when they end, as long as their records.',
  },
  not_found: { status: 404, title: 'No such path', help: 'See /openapi.json for what there is.' },
  transfer_pending: {
    status: 409,
    title: 'Another transfer is pending on this call',
    help: 'Cancel it (DELETE /v1/transfers/{id}) or wait for its terminal event.',
  },
  transfer_not_possible: {
    status: 409,
    title: 'The call cannot be transferred now',
    help: 'A transfer needs a caller connected to the bot; see the phase of GET /v1/calls/{id}.',
  },
  transfer_over: {
    status: 409,
    title: 'The transfer is already over',
    help: 'GET /v1/transfers/{id} shows its outcome.',
  },
  transfer_answered: {
    status: 409,
    title: 'The target has answered: the transfer cannot be cancelled any more',
    help: 'Hang up the call (DELETE /v1/calls/{id}) if it has to end.',
  },
  return_not_possible: {
    status: 409,
    title: 'The caller cannot be brought back to a bot',
    help: 'It takes a conversation with an agent and a bot that was kept (`returnToBot`).',
  },
  session_over: {
    status: 409,
    title: 'The session is over',
    help: 'Only `retry` can be asked of it, while its call lives.',
  },
  session_state: {
    status: 409,
    title: 'The state of the session does not allow this',
    help: 'See its `status` and `state`; docs/sessions.md says which action goes with which.',
  },
  session_follows_call: {
    status: 409,
    title: 'The status of this session is that of its call',
    help: 'Use an action (POST /v1/transfer-sessions/{id}/actions) to change what becomes of the call.',
  },
  not_recording: {
    status: 409,
    title: 'The call is not being recorded',
    help: 'Give its channel a `recording`; one that was stopped, or that failed, does not begin again.',
  },
  endpoint_off: {
    status: 409,
    title: 'The endpoint of the bot is switched off',
    help: 'Enable it (POST /v1/bots/{channel}/enable), then ask again.',
  },
  idempotency_mismatch: {
    status: 422,
    title: 'This Idempotency-Key was used with another body',
    help: 'Use a new key for a new command.',
  },
  malformed_json: { status: 400, title: 'The body is not JSON', help: 'Send application/json.' },
  bad_request: { status: 400, title: 'The request cannot be read', help: 'See /openapi.json for the shape.' },
  invalid_field: {
    status: 422,
    title: 'A field is wrong',
    help: 'See `errors` for the path of each; nothing was sent.',
  },
  unknown_channel: {
    status: 422,
    title: 'No such channel',
    help: 'Name a key of `channels` in the configuration.',
  },
  no_trunk: {
    status: 422,
    title: 'No trunk leads to this target',
    help: 'Give the channel a `trunk` with a `proxy`, or name a channel that has one in `via`.',
  },
  target_not_allowed: {
    status: 422,
    title: 'The policy does not allow this target',
    help: 'See the detail: its host, its country, or a range that is never called; `policy` in the configuration.',
  },
  caller_id_not_allowed: {
    status: 422,
    title: 'This number may not be shown on this trunk',
    help: 'Use the policy `bot` or `fixed`, or set `callerId.allowForeignCallerId` of the trunk.',
  },
  header_budget: {
    status: 422,
    title: 'More headers than the trunk puts up with',
    help: 'Send fewer or shorter headers, or raise `headerBudget` of the trunk; nothing was sent.',
  },
  rate_limited: {
    status: 429,
    title: 'The trunk has as many transfers as its limits allow',
    help: 'Wait as long as Retry-After says, or raise `limits` of the trunk; nothing was sent.',
  },
  not_supported: { status: 422, title: 'Not supported', help: 'See the detail.' },
  unauthorized: {
    status: 401,
    title: 'A bearer token is needed',
    help: 'Send Authorization: Bearer <token> with one of `api.tokens`.',
  },
  foreign_origin: {
    status: 403,
    title: 'Pages of this origin may not connect',
    help: 'Connect from a program, which sends no Origin, or from a page under the address of the API.',
  },
  payload_too_large: { status: 413, title: 'The body is too large', help: 'Commands are at most 64 KiB.' },
  unsupported_media_type: {
    status: 415,
    title: 'The body must be application/json',
    help: 'Set Content-Type: application/json.',
  },
  too_many_streams: {
    status: 503,
    title: 'Too many event streams are open',
    help: 'Close one, or let several readers share one.',
  },
  store_unavailable: {
    status: 503,
    title: 'The store does not answer',
    help: 'Calls go on without it; ask again later. /readyz says what is wrong.',
  },
  engine_unreachable: {
    status: 503,
    title: 'The engine that has the call does not answer',
    help: 'Ask again, with the same Idempotency-Key: other engines take over the calls of one that died.',
  },
  draining: {
    status: 503,
    title: 'The engine is shutting down',
    help: 'Send the command to another engine.',
  },
  internal: {
    status: 500,
    title: 'Something went wrong in the engine',
    help: 'The log has the details under the same request id.',
  },
} as const satisfies Record<string, { status: number; title: string; help: string }>;

export type ErrorCode = keyof typeof ERRORS;

export interface FieldError {
  /** JSON path of the field: `target.phoneNumber`, `headers.X-Foo`. */
  readonly path: string;
  readonly message: string;
}

/** An error of the catalogue on its way to the user. */
export class AppError extends Error {
  override readonly name = 'AppError';
  constructor(
    readonly code: ErrorCode,
    /** What exactly, in one sentence: names the thing. */
    readonly detail: string,
    readonly fields: readonly FieldError[] = [],
    /** Members added to the problem document, such as the pending transfer's id. */
    readonly extra: Readonly<Record<string, string>> = {},
  ) {
    super(`${ERRORS[code].title}: ${detail}`);
  }
}

/** A configuration or start-up mistake: one line for stderr, exit code 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}
