/**
 * Partial match: a mapping must have the wanted keys (others may be there), a list must have the wanted items and
 * no more, a text `/.../` is a regular expression, everything else must be equal. Returns what is wrong, with its path.
 */
export function mismatch(wanted: unknown, given: unknown, path = ''): string | undefined {
  if (typeof wanted === 'string' && isPattern(wanted)) {
    const fits =
      (typeof given === 'string' || typeof given === 'number') && patternOf(wanted).test(String(given));
    return fits ? undefined : differs(path, wanted, given);
  }
  if (Array.isArray(wanted)) {
    if (!Array.isArray(given) || given.length !== wanted.length) return differs(path, wanted, given);
    return firstOf(wanted.keys(), (i) => mismatch(wanted[i], given[i], `${path}[${i}]`));
  }
  if (typeof wanted === 'object' && wanted !== null) {
    if (typeof given !== 'object' || given === null) return differs(path, wanted, given);
    return firstOf(Object.entries(wanted), ([key, item]) =>
      mismatch(item, (given as Readonly<Record<string, unknown>>)[key], path === '' ? key : `${path}.${key}`),
    );
  }
  return wanted === given ? undefined : differs(path, wanted, given);
}

/** `/text/`: a regular expression between slashes. */
export const isPattern = (text: string): boolean =>
  text.length > 2 && text.startsWith('/') && text.endsWith('/');

export const patternOf = (text: string): RegExp => new RegExp(text.slice(1, -1), 'm');

/** A text that is equal to, or fits the pattern of, `wanted`. */
export const fitsText = (wanted: string, given: string): boolean =>
  isPattern(wanted) ? patternOf(wanted).test(given) : wanted === given;

function firstOf<T>(items: Iterable<T>, look: (item: T) => string | undefined): string | undefined {
  for (const item of items) {
    const found = look(item);
    if (found !== undefined) return found;
  }
  return undefined;
}

function differs(path: string, wanted: unknown, given: unknown): string {
  const at = path === '' ? '' : `${path}: `;
  return `${at}wanted ${JSON.stringify(wanted)}, was ${given === undefined ? 'not there' : JSON.stringify(given)}`;
}
