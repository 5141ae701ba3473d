import type { Path, Problem } from '../shape/path.js';
import type { Config } from './schema.js';

interface Row {
  /** `*` stands for any key. */
  readonly key: string;
  readonly when: (value: unknown) => boolean;
  /** What is missing and the way out. */
  readonly message: string;
}

/** Keys the schema knows and this version cannot serve: refusing them beats ignoring them. Built = row deleted. */
export const notYetRows: readonly Row[] = [];

export const notYetProblems = (config: Config): Problem[] =>
  notYetRows.flatMap((row) =>
    find(config, row.key.split('.'), [])
      .filter(({ value }) => row.when(value))
      .map(({ path }) => ({ path, message: row.message })),
  );

function find(value: unknown, keys: readonly string[], path: Path): { value: unknown; path: Path }[] {
  const [key, ...rest] = keys;
  if (key === undefined) return [{ value, path }];
  if (typeof value !== 'object' || value === null) return [];
  const entries = Object.entries(value).filter(([k]) => key === '*' || k === key);
  return entries.flatMap(([k, v]) => find(v, rest, [...path, k]));
}
