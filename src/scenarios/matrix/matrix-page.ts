import { join } from 'node:path';
import { cellsOf, loadGrid, type Cell } from '../chaos/grid-schema.js';
import { loadScenario, scenarioNames } from '../load-scenario.js';
import { loadMatrix, type Matrix, type MatrixRow, rowsOf, testOf } from './matrix-file.js';
import { type Covering, scenariosByRow } from './matrix-problems.js';

/** Everything the page is made of. */
export interface MatrixSources {
  readonly matrix: Matrix;
  readonly scenarios: readonly Covering[];
  readonly cells: readonly Cell[];
}

/** @param home absolute path of `sip-scenarios` */
export function matrixSources(home: string): MatrixSources {
  return {
    matrix: loadMatrix(join(home, 'matrix.yml')),
    scenarios: scenarioNames(home).map((name) => ({
      name,
      covers: loadScenario(home, name).scenario.covers,
    })),
    cells: cellsOf(loadGrid(join(home, 'chaos', 'grid.yml'))),
  };
}

/** `sip-scenarios/MATRIX.md`. */
export function matrixPage({ matrix, scenarios, cells }: MatrixSources): string {
  const covered = scenariosByRow(scenarios);
  const rows = rowsOf(matrix);
  const byScenario = rows.filter(({ id }) => covered.has(id)).length;
  const byTest = rows.filter(({ id, tests }) => !covered.has(id) && tests.length > 0).length;
  const parts = [
    '# What is tested',
    '',
    'Generated from `matrix.yml`, the `covers` of the scenarios and `chaos/grid.yml` (`node scripts/generate.mjs`).',
    '',
    `${rows.length} cases: ${byScenario} by scenarios, ${byTest} by other tests, ${rows.length - byScenario - byTest} not, with the reason; and ${cells.length} chaos cells.`,
    '',
    ...matrix.groups.flatMap(({ title, note, rows: of }) => [
      `## ${title}`,
      '',
      ...(note === undefined ? [] : [note, '']),
      '| case | what it checks | by |',
      '|---|---|---|',
      ...of.map((row) => line(row, covered.get(row.id) ?? [])),
      '',
    ]),
    ...chaosPart(cells),
  ];
  return `${parts.join('\n')}\n`;
}

function line({ id, checks, tests, reason }: MatrixRow, scenarios: readonly string[]): string {
  const links = [
    ...scenarios.map((name) => `[${name}](${name}/scenario.yml)`),
    ...tests
      .map(testOf)
      .map(({ file, title }) => `[${file}](../${file})${title === null ? '' : ` "${title}"`}`),
  ];
  const by = links.length > 0 ? links.join(', ') : `not: ${reason ?? ''}`;
  return `| ${id} | ${checks.replaceAll('|', '\\|')} | ${by.replaceAll('|', '\\|')} |`;
}

function chaosPart(cells: readonly Cell[]): string[] {
  const methods = ['invite', 'refer', 'bye'] as const;
  const names = [
    ...new Set(cells.map(({ switches }) => switches.map((s) => s.split('=')[0]).join(' + ') || 'none')),
  ];
  const count = (name: string, method: string): string => {
    const found = cells.filter(
      (cell) =>
        cell.method === method && (cell.switches.map((s) => s.split('=')[0]).join(' + ') || 'none') === name,
    );
    return found.length === 0
      ? ''
      : `${found.length} (${[...new Set(found.map(({ outcome }) => outcome))].join(', ')})`;
  };
  return [
    '## Chaos cells',
    '',
    `${cells.length} in all, ${cells.filter(({ quick }) => quick).length} of them in \`npm test\`; how many, and the outcome each must have. See [chaos](chaos/README.md).`,
    '',
    '| switches | invite | refer | bye |',
    '|---|---|---|---|',
    ...names.map((name) => `| ${name} | ${methods.map((method) => count(name, method)).join(' | ')} |`),
    `| **all** | ${methods.map((method) => cells.filter((cell) => cell.method === method).length).join(' | ')} |`,
  ];
}
