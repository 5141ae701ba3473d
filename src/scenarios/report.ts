import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { junitXml } from './junit.js';
import type { ScenarioResult } from './play-scenario.js';

/** One line per scenario and a last line that counts them. */
export function table(results: readonly ScenarioResult[]): string {
  const width = Math.max(...results.map(({ name }) => name.length), 4);
  const rows = results.map(({ name, title, skipped, ms, failures }) =>
    [
      skipped !== null ? 'skip' : failures.length === 0 ? 'ok  ' : 'FAIL',
      name.padEnd(width),
      `${(ms / 1000).toFixed(1)} s`.padStart(6),
      skipped === null ? title : `${title} (not played: ${skipped})`,
    ].join('  '),
  );
  const failed = results.filter(({ failures }) => failures.length > 0).length;
  const skipped = results.filter((result) => result.skipped !== null).length;
  const counts = [`${results.length - failed - skipped} passed`, `${failed} failed`];
  return [...rows, [...counts, ...(skipped > 0 ? [`${skipped} skipped`] : [])].join(', '), ''].join('\n');
}

/** Everything known about a failed scenario: what failed, the ladder, the ends of the logs. */
export const explain = ({ name, title, failures, ladder, logs }: ScenarioResult): string =>
  [`${name}: ${title}`, ...failures.map(({ message }) => `  ${message}`), ladder, logs, ''].join('\n');

/** `junit.xml` and a ladder per scenario. */
export async function writeReports(directory: string, results: readonly ScenarioResult[]): Promise<void> {
  await mkdir(directory, { recursive: true });
  await writeFile(join(directory, 'junit.xml'), junitXml(results));
  for (const { name, title, ladder } of results) {
    await writeFile(join(directory, `${name}.ladder.txt`), `${title}\n\n${ladder}`);
  }
}
