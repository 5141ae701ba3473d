/**
 * Where `value` is not what is wanted, `undefined` when it is: every member of `wanted` has to be there, others do
 * not matter; a regular expression has to fit.
 */
export function mismatch(value: unknown, wanted: unknown, path = ''): string | undefined {
  if (wanted instanceof RegExp) {
    return typeof value === 'string' && wanted.test(value) ? undefined : `${path} is ${shown(value)}`;
  }
  if (typeof wanted !== 'object' || wanted === null) {
    return value === wanted ? undefined : `${path} is ${shown(value)}, not ${shown(wanted)}`;
  }
  for (const [key, member] of Object.entries(wanted)) {
    const found = mismatch(
      member === undefined ? undefined : memberOf(value, key),
      member,
      path === '' ? key : `${path}.${key}`,
    );
    if (found !== undefined) return found;
  }
  return undefined;
}

/** `memberOf(event, 'data', 'next', 'node')`; `undefined` where there is no such thing. */
export function memberOf(value: unknown, ...keys: readonly string[]): unknown {
  return keys.reduce<unknown>(
    (at, key) =>
      typeof at === 'object' && at !== null ? (at as Readonly<Record<string, unknown>>)[key] : undefined,
    value,
  );
}

/** A member that is text or a number, for people; empty when it is not there. */
export function textOf(value: unknown, ...keys: readonly string[]): string {
  const member = memberOf(value, ...keys);
  return typeof member === 'string' || typeof member === 'number' || typeof member === 'boolean'
    ? String(member)
    : '';
}

const shown = (value: unknown): string => (value === undefined ? 'missing' : JSON.stringify(value));
