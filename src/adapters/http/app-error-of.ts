import { AppError, type ErrorCode, type FieldError } from '../../errors.js';

/** What the framework's own errors are in our catalogue; everything else with a 4xx is `bad_request`. */
const BY_FRAMEWORK_CODE: Readonly<Record<string, readonly [ErrorCode, string]>> = {
  FST_ERR_CTP_INVALID_MEDIA_TYPE: ['unsupported_media_type', 'This Content-Type is not understood.'],
  FST_ERR_CTP_BODY_TOO_LARGE: ['payload_too_large', 'The body is larger than the limit.'],
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: ['bad_request', 'Content-Length does not match the body.'],
  FST_ERR_BAD_URL: ['bad_request', 'The path is not a valid URL path.'],
};

/** What Ajv says of one thing that is wrong. */
interface Wrong {
  readonly instancePath: string;
  readonly message?: string;
  readonly params?: { readonly additionalProperty?: string; readonly allowedValues?: readonly unknown[] };
}

interface FrameworkError {
  readonly code?: string;
  readonly statusCode?: number;
  readonly validation?: readonly Wrong[];
  readonly validationContext?: string;
}

/** Anything thrown on the way to an answer, as an error of the catalogue; the unknown tells nothing of its inside. */
export function appErrorOf(thrown: unknown): AppError {
  if (thrown instanceof AppError) return thrown;
  const error: FrameworkError = typeof thrown === 'object' && thrown !== null ? thrown : {};
  if (error.validation !== undefined) return invalid(error.validation, error.validationContext ?? 'request');
  const known = BY_FRAMEWORK_CODE[error.code ?? ''];
  if (known !== undefined) return new AppError(...known);
  const status = error.statusCode ?? 500;
  if (status >= 400 && status < 500) return new AppError('bad_request', 'The request cannot be understood.');
  return new AppError('internal', 'The request failed for a reason of our own.');
}

function invalid(validation: readonly Wrong[], context: string): AppError {
  const fields = validation.map((wrong) => fieldOf(wrong, context));
  const first = fields[0] ?? { path: context, message: 'is wrong' };
  return new AppError('invalid_field', `${first.path}: ${first.message}.`, fields);
}

function fieldOf({ instancePath, message = 'is wrong', params }: Wrong, context: string): FieldError {
  const { additionalProperty, allowedValues } = params ?? {};
  if (additionalProperty !== undefined) return { path: additionalProperty, message: 'is not known here' };
  return {
    path: instancePath.replace(/^\//, '').replaceAll('/', '.') || context,
    message: allowedValues === undefined ? message : `must be one of ${allowedValues.join(', ')}`,
  };
}
