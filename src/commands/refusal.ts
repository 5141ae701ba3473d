import { AppError, type FieldError } from '../errors.js';
import { formatPath, type Path, type Problem } from '../shape/path.js';

/** What this version cannot carry out yet; another code than a wrong field, for the command is right. */
export interface Unsupported {
  readonly path: Path;
  readonly message: string;
}

/** Throws when anything is wrong with a command; wrong fields come before those this version does not do. */
export function refuseIfWrong(problems: readonly Problem[], unsupported: readonly Unsupported[] = []): void {
  if (problems.length > 0) throw refusal('invalid_field', problems);
  if (unsupported.length > 0) throw refusal('not_supported', unsupported);
}

function refusal(code: 'invalid_field' | 'not_supported', problems: readonly Problem[]): AppError {
  const fields: FieldError[] = problems.map(({ path, message }) => ({ path: formatPath(path), message }));
  const named = fields.map(({ path, message }) => `${path === '' ? 'the body' : path}: ${message}`);
  const detail =
    named.length === 1
      ? (named[0] ?? '')
      : `${named.length} fields are wrong: ${named.slice(0, 5).join('; ')}`;
  return new AppError(code, detail, fields);
}
