import { hideSecrets, maskNumbers, maskUser, type NumbersShown } from './mask-text.js';

/**
 * One line of the log, as JSON, on its last step to the outside: whatever was logged, by whomever, error messages and
 * stacks included. Anything that is not JSON is masked as text.
 */
export function maskLine(line: string, numbers: NumbersShown): string {
  const end = line.endsWith('\n') ? '\n' : '';
  try {
    return JSON.stringify(JSON.parse(line), (key, value: unknown) => shown(key, value, numbers)) + end;
  } catch {
    return textShown(line, numbers);
  }
}

function shown(key: string, value: unknown, numbers: NumbersShown): unknown {
  if (typeof value !== 'string' || KEPT.has(key)) return value;
  if (SECRET.test(key)) return '[hidden]';
  if (numbers === 'masked' && USER.has(key) && !/[:@]/.test(value)) return maskUser(value);
  return textShown(value, numbers);
}

const textShown = (text: string, numbers: NumbersShown): string =>
  numbers === 'masked' ? maskNumbers(hideSecrets(text)) : hideSecrets(text);

/** What other programs look calls up by, and the name of this machine. */
const KEPT: ReadonlySet<string> = new Set(['sipCallId', 'host', 'version']);
const SECRET = /secret|password|token|authorization|signature|credential/i;
/** Fields that hold the bare name of a caller or a target. */
const USER: ReadonlySet<string> = new Set([
  ...[
    'user',
    'contact',
    'caller',
    'callee',
    'display',
    'dialled',
    'target',
    'number',
    'phoneNumber',
    'digits',
  ],
]);
