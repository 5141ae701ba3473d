import { AppError, ERRORS, type ErrorCode, type FieldError } from '../../../errors.js';
import type { EngineId } from '../../../ports/call-book.js';

/** What goes over a channel, as JSON. */
export type Message =
  | {
      readonly kind: 'question';
      readonly id: string;
      readonly from: EngineId;
      readonly question: unknown;
    }
  | { readonly kind: 'answer'; readonly id: string; readonly value: unknown }
  | { readonly kind: 'refusal'; readonly id: string; readonly error: ErrorText }
  /** To oneself: whoever hears it can be heard by others. */
  | { readonly kind: 'selfTest' };

/** An `AppError`, taken apart. */
interface ErrorText {
  readonly code: string;
  readonly detail: string;
  readonly fields: readonly FieldError[];
  readonly extra: Readonly<Record<string, string>>;
}

/** `undefined`: not one of ours; whoever may publish on this Redis wrote it. */
export function parseMessage(text: string): Message | undefined {
  try {
    const value = JSON.parse(text) as Partial<Message> | null;
    return value !== null && isMessage(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isMessage(value: Partial<Message>): value is Message {
  if (value.kind === 'selfTest') return true;
  if (!('id' in value) || typeof value.id !== 'string') return false;
  if (value.kind === 'question') return typeof value.from === 'string' && isObject(value.question);
  if (value.kind === 'answer') return true;
  return value.kind === 'refusal' && typeof value.error?.code === 'string';
}

const isObject = (value: unknown): boolean => typeof value === 'object' && value !== null;

export const refusalOf = (id: string, { code, detail, fields, extra }: AppError): Message => ({
  ...{ kind: 'refusal', id },
  error: { code, detail, fields, extra },
});

/** A code this version does not know is of a newer one. */
export const errorOf = ({ code, detail, fields, extra }: ErrorText): AppError =>
  Object.hasOwn(ERRORS, code)
    ? new AppError(code as ErrorCode, detail, fields, extra)
    : new AppError('internal', `${code}: ${detail}`);
