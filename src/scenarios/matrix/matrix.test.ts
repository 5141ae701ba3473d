import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Matrix } from './matrix-file.js';
import { matrixPage, matrixSources } from './matrix-page.js';
import { matrixProblems } from './matrix-problems.js';

const root = resolve(import.meta.dirname, '../../..');
const sources = matrixSources(join(root, 'sip-scenarios'));

describe('the matrix', () => {
  it('has something behind every row, and names nothing that is not there', () => {
    const read = (path: string) =>
      existsSync(join(root, path)) ? readFileSync(join(root, path), 'utf8') : undefined;
    expect(matrixProblems(sources.matrix, sources.scenarios, read)).toEqual([]);
  });

  it('has all of the OpenSIPS and Asterisk cases', () => {
    const ids = sources.matrix.groups.flatMap(({ rows }) => rows.map(({ id }) => id));
    const opensips = ids.filter((id) => id.startsWith('OS.')).map((id) => Number(id.slice(3)));
    const wanted = [...Array.from({ length: 22 }, (_, i) => i + 3), 29, 30, 31, 32, 33, 34];
    expect(opensips).toEqual(wanted);
    expect(ids.filter((id) => id.startsWith('AST.'))).toHaveLength(31);
  });

  it('has every test of the field study from T-7 to T-24', () => {
    const ids = sources.matrix.groups.flatMap(({ rows }) => rows.map(({ id }) => id));
    for (let n = 7; n <= 24; n += 1) {
      expect(
        ids.some((id) => id === `T-${n}` || id.startsWith(`T-${n}.`)),
        `T-${n}`,
      ).toBe(true);
    }
  });

  it('counts what it lists', () => {
    const page = matrixPage(sources);
    const rows = sources.matrix.groups.flatMap((group) => group.rows).length;
    expect(page).toContain(`${rows} cases: `);
    expect(page).toContain(`and ${sources.cells.length} chaos cells`);
  });
});

describe('a mistake in the matrix', () => {
  const of = (...rows: Matrix['groups'][number]['rows']): Matrix => ({ groups: [{ title: 't', rows }] });
  const row = { id: 'A', checks: 'one thing', tests: [] };
  const there = (path: string) => (path === 'there' ? "it('proves it', ...)" : undefined);

  it.each<[string, Matrix, string[], string[]]>([
    ['a row with nothing behind it', of(row), [], ['A has no scenario, no test and no reason']],
    ['a row twice', of({ ...row, tests: ['there'] }, { ...row, tests: ['there'] }), [], ['A is there twice']],
    ['a scenario for no row', of({ ...row, tests: ['there'] }), ['B'], ['01 covers B, which is no row']],
    ['a file that is not there', of({ ...row, tests: ['gone'] }), [], ['A: there is no gone']],
    ['a test of no file', of({ ...row, tests: ['gone > proves it'] }), [], ['A: there is no gone']],
    [
      'a test that was renamed',
      of({ ...row, tests: ['there > proves it', 'there > shows it'] }),
      [],
      ['A: there has no test "shows it"'],
    ],
    [
      'a reason that is no longer true',
      of({ ...row, reason: 'because' }),
      ['A'],
      ['A is proved, and has a reason why not'],
    ],
    ['nothing wrong', of(row), ['A'], []],
    ['a reason', of({ ...row, reason: 'because' }), [], []],
  ])('%s', (_what, matrix, covers, problems) => {
    expect(matrixProblems(matrix, [{ name: '01', covers }], there)).toEqual(problems);
  });
});
