import { ERRORS, type AppError, type ErrorCode, type FieldError } from '../../errors.js';

/** RFC 9457 problem document; members beyond those listed come from {@link AppError.extra}. */
export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly code: ErrorCode;
  readonly help: string;
  /** Names this very occurrence: the id the log line carries too. */
  readonly instance: string;
  readonly errors?: readonly FieldError[];
}

export const PROBLEM_TYPE = 'application/problem+json';

export function problemOf(error: AppError, requestId: string): Problem {
  const { status, title, help } = ERRORS[error.code];
  return {
    type: `urn:switchhook:error:${error.code}`,
    title,
    status,
    detail: error.detail,
    code: error.code,
    help,
    instance: `urn:uuid:${requestId}`,
    ...(error.fields.length > 0 ? { errors: error.fields } : {}),
    // After the fixed members would let an extra named `status` lie; extras are ours, so this is for review's sake.
    ...withoutFixed(error.extra),
  };
}

const FIXED = new Set(['type', 'title', 'status', 'detail', 'code', 'help', 'instance', 'errors']);

const withoutFixed = (extra: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(Object.entries(extra).filter(([name]) => !FIXED.has(name)));
