import { AppError, type FieldError } from '../errors.js';
import { formatPath, type Problem } from '../shape/path.js';

/** Throws `invalid_field` when anything is wrong with a command, naming all of it. */
export function refuseIfWrong(problems: readonly Problem[]): void {
  if (problems.length === 0) return;
  const fields: FieldError[] = problems.map(({ path, message }) => ({ path: formatPath(path), message }));
  const named = fields.map(({ path, message }) => `${path === '' ? 'the body' : path}: ${message}`);
  const detail =
    named.length === 1
      ? (named[0] ?? '')
      : `${named.length} fields are wrong: ${named.slice(0, 5).join('; ')}`;
  throw new AppError('invalid_field', detail, fields);
}
