import { ERRORS, type ErrorCode } from '../../../errors.js';
import { PROBLEM_TYPE } from '../problem.js';
import { ref } from './named.js';

/** What may go wrong on every path that is not open. */
const ALWAYS: readonly ErrorCode[] = ['unauthorized', 'internal'];
/** What may go wrong wherever a body is read. */
export const BODY_ERRORS: readonly ErrorCode[] = [
  'malformed_json',
  'payload_too_large',
  'unsupported_media_type',
  'invalid_field',
];

/** What may go wrong where a call may be with another engine. */
export const OTHER_ENGINE_ERRORS: readonly ErrorCode[] = ['engine_unreachable', 'store_unavailable'];

/** What may come of a transfer command that is well written. */
export const COMMAND_ERRORS: readonly ErrorCode[] = [
  'call_not_found',
  'transfer_pending',
  'transfer_not_possible',
  'unknown_channel',
  'no_trunk',
  'target_not_allowed',
  'caller_id_not_allowed',
  'header_budget',
  'not_supported',
  'rate_limited',
  ...OTHER_ENGINE_ERRORS,
];

/** Response descriptions for these codes, one per status, each with an example of every code. */
export function problems(...codes: readonly ErrorCode[]): Record<number, object> {
  const responses: Record<number, object> = {};
  const all = [...new Set([...codes, ...ALWAYS])];
  for (const status of new Set(all.map((code) => ERRORS[code].status))) {
    const here = all.filter((code) => ERRORS[code].status === status);
    responses[status] = {
      description: here.map((code) => `\`${code}\`: ${ERRORS[code].title}.`).join(' '),
      content: {
        [PROBLEM_TYPE]: { schema: ref('Problem'), examples: Object.fromEntries(here.map(example)) },
      },
    };
  }
  return responses;
}

function example(code: ErrorCode): [string, object] {
  const { title, status, help } = ERRORS[code];
  const instance = 'urn:uuid:5f0f4a49-5d3b-4a4f-9a53-0f1e5a3c7b10';
  const value = { type: `urn:switchhook:error:${code}`, title, status, detail: help, code, help, instance };
  return [code, { value }];
}

/** A JSON answer of a named shape. */
export const answer = (id: string, description: string): object => ({
  description,
  content: { 'application/json': { schema: ref(id) } },
});
