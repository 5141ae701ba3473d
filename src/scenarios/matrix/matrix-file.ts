import { readFileSync } from 'node:fs';
import { type Static, Type } from 'typebox';
import { parseYaml } from '../../config/yaml-source.js';
import { strict } from '../../config/strict-object.js';
import { UsageError } from '../../errors.js';
import { checkShape } from '../../shape/check-shape.js';
import { formatPath, type Path } from '../../shape/path.js';

const row = strict({
  id: Type.String({
    description: 'What a scenario names in `covers`',
    pattern: '^[A-Za-z0-9][A-Za-z0-9.-]{0,39}$',
  }),
  checks: Type.String({ description: 'What it checks, in one sentence', minLength: 5 }),
  tests: Type.Array(Type.String({ minLength: 1 }), {
    description: 'Tests that prove it: a file, or `file > words of the title` as the file has them',
    default: [],
  }),
  reason: Type.Optional(Type.String({ description: 'Why nothing proves it', minLength: 20 })),
});

const group = strict({
  title: Type.String({ minLength: 1 }),
  note: Type.Optional(Type.String({ minLength: 1 })),
  rows: Type.Array(row, { minItems: 1 }),
});

const matrix = strict({ groups: Type.Array(group, { minItems: 1 }) });

export type Matrix = Static<typeof matrix>;
export type MatrixRow = Matrix['groups'][number]['rows'][number];

/** What an entry of `tests` names. */
export interface TestRef {
  readonly file: string;
  /** Words of the title; `null`: the whole file proves it. */
  readonly title: string | null;
}

export function testOf(entry: string): TestRef {
  const [file = '', ...title] = entry.split(' > ');
  return { file, title: title.length === 0 ? null : title.join(' > ') };
}

export const rowsOf = ({ groups }: Matrix): readonly MatrixRow[] => groups.flatMap(({ rows }) => rows);

/**
 * Reads `matrix.yml`.
 *
 * @throws UsageError, one line `file:line:column: key: message` per mistake
 */
export function loadMatrix(file: string): Matrix {
  const source = parseYaml(readFileSync(file, 'utf8'));
  const say = (path: Path, message: string): string => {
    const { line, column } = source.placeOf(path);
    return `${file}:${line}:${column}: ${formatPath(path)}: ${message}`;
  };
  const broken = source.errors.map(
    ({ place, message }) => `${file}:${place.line}:${place.column}: ${message}`,
  );
  if (broken.length > 0) throw new UsageError(broken.join('\n'));
  const { value, problems } = checkShape(matrix, source.value ?? {}, { formats: {} });
  if (problems.length > 0) {
    throw new UsageError(problems.map(({ path, message }) => say(path, message)).join('\n'));
  }
  // The shape check has just proved it.
  return value as Matrix;
}
