import { type Matrix, rowsOf, testOf } from './matrix-file.js';

/** A scenario's name and the rows it says it proves. */
export interface Covering {
  readonly name: string;
  readonly covers: readonly string[];
}

/** Scenarios by the row they prove. */
export function scenariosByRow(scenarios: readonly Covering[]): ReadonlyMap<string, readonly string[]> {
  const by = new Map<string, string[]>();
  for (const { name, covers } of scenarios) {
    for (const id of covers) by.set(id, [...(by.get(id) ?? []), name]);
  }
  return by;
}

/**
 * What is wrong with the matrix: a row nothing stands behind, an id twice or unknown, a test that is not there, a reason
 * for a row that is proved.
 *
 * @param read text of a file of the repository; `undefined`: there is none
 */
export function matrixProblems(
  matrix: Matrix,
  scenarios: readonly Covering[],
  read: (path: string) => string | undefined,
): string[] {
  const rows = rowsOf(matrix);
  const covered = scenariosByRow(scenarios);
  const ids = rows.map(({ id }) => id);
  const problems = ids.filter((id, at) => ids.indexOf(id) !== at).map((id) => `${id} is there twice`);
  for (const { name, covers } of scenarios) {
    const unknown = covers.filter((id) => !ids.includes(id));
    problems.push(...unknown.map((id) => `${name} covers ${id}, which is no row`));
  }
  for (const { id, tests, reason } of rows) {
    const proved = covered.has(id) || tests.length > 0;
    if (!proved && reason === undefined) problems.push(`${id} has no scenario, no test and no reason`);
    if (proved && reason !== undefined) problems.push(`${id} is proved, and has a reason why not`);
    problems.push(...tests.flatMap((entry) => testProblem(entry, read)).map((what) => `${id}: ${what}`));
  }
  return problems;
}

/** A test that was renamed proves nothing any more until somebody has looked. */
function testProblem(entry: string, read: (path: string) => string | undefined): string[] {
  const { file, title } = testOf(entry);
  const text = read(file);
  if (text === undefined) return [`there is no ${file}`];
  return title === null || text.includes(title) ? [] : [`${file} has no test "${title}"`];
}
