import { dirname, resolve } from 'node:path';
import type { Path, Problem } from '../shape/path.js';

/** Keys that may be given as `<key>File`, and what the file holds: one text, or one per line. */
const KEYS: Readonly<Record<string, 'text' | 'lines'>> = {
  secret: 'text',
  password: 'text',
  sentinelPassword: 'text',
  tokens: 'lines',
};

/** Replaces every `secretFile: x` by `secret: <what x holds>`. A path is relative to the configuration file. */
export function readSecretFiles(
  document: unknown,
  configFile: string,
  readFile: (path: string) => string,
): { readonly value: unknown; readonly problems: readonly Problem[] } {
  const problems: Problem[] = [];
  const read = (path: Path, name: string, kind: 'text' | 'lines'): unknown => {
    try {
      const text = readFile(resolve(dirname(configFile), name)).trim();
      return kind === 'text'
        ? text
        : text
            .split('\n')
            .map((line) => line.trim())
            .filter((line) => line !== '');
    } catch (error) {
      problems.push({ path, message: `${name} ${whyUnreadable(error)}` });
      return undefined;
    }
  };
  const visit = (value: unknown, path: Path): unknown => {
    if (Array.isArray(value)) return value.map((item, i) => visit(item, [...path, i]));
    if (typeof value !== 'object' || value === null) return value;
    const entries = Object.entries(value).map(([key, item]): [string, unknown] => {
      const base = key.endsWith('File') ? key.slice(0, -'File'.length) : '';
      const kind = Object.hasOwn(KEYS, base) ? KEYS[base] : undefined;
      if (kind === undefined || typeof item !== 'string') return [key, visit(item, [...path, key])];
      if (Object.hasOwn(value, base))
        problems.push({ path: [...path, key], message: `stands beside ${base}; give one of the two` });
      return [base, read([...path, key], item, kind)];
    });
    return Object.fromEntries(entries.filter(([, item]) => item !== undefined));
  };
  return { value: visit(document, []), problems };
}

/** The reason in words; the error's own text repeats the path and the system call. */
export function whyUnreadable(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'ENOENT') return 'cannot be read: no such file';
  if (code === 'EACCES' || code === 'EPERM') return 'cannot be read: permission denied';
  if (code === 'EISDIR') return 'cannot be read: it is a directory';
  return 'cannot be read';
}
