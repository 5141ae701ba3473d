// `npm test`: every test ring. The last line is the count CI reads: "N passed, N failed[, N skipped]".
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { build, checkNode, installPackages, installSpeech, installTools, root } from './bootstrap.mjs';

checkNode();
installPackages();
installTools();
installSpeech();
build();

const bin = (...p) => join(root, 'node_modules', ...p);
const node = (...args) => spawnSync(process.execPath, args, { cwd: root, stdio: 'inherit' }).status === 0;
const failures = [];

/** Static rings first: a tree that does not type-check or lint has not passed, whatever its tests say. */
const only = process.argv.slice(2);
if (only.length === 0) {
  if (!node(bin('typescript', 'bin', 'tsc'), '-p', 'tsconfig.json', '--noEmit')) failures.push('typecheck');
  if (!node(bin('eslint', 'bin', 'eslint.js'), '.', '--max-warnings', '0')) failures.push('lint');
}

const report = join(root, 'reports', 'vitest.json');
mkdirSync(join(root, 'reports'), { recursive: true });
rmSync(report, { force: true });
const ran = node(bin('vitest', 'vitest.mjs'), 'run', '--reporter=default', '--reporter=json', `--outputFile.json=${report}`, ...only);

if (!existsSync(report)) {
  process.stderr.write('switchhook: the test runner left no report\n');
  process.exit(1);
}
const { numPassedTests, numFailedTests, numPendingTests, numTodoTests, testResults } = JSON.parse(readFileSync(report, 'utf8'));
/** A file that fails before its first test (a bad import) counts as one failure. */
const brokenFiles = testResults.filter((f) => f.status === 'failed' && f.assertionResults.every((t) => t.status !== 'failed')).length;
const skipped = numPendingTests + numTodoTests;
for (const name of failures) process.stdout.write(`failed: ${name}\n`);
if (process.env.SWITCHHOOK_TEST_DRACHTIO === undefined) {
  process.stdout.write('not run against a real drachtio-server: SWITCHHOOK_TEST_DRACHTIO is not set\n');
}
if (process.env.SWITCHHOOK_TEST_FREESWITCH === undefined) {
  process.stdout.write('not run against a real FreeSWITCH: SWITCHHOOK_TEST_FREESWITCH is not set\n');
}
const noSoftphone = testResults
  .flatMap((f) => f.assertionResults)
  .filter((t) => t.status !== 'passed')
  .map((t) => /^a softphone in every seat \[(.*)\]$/.exec(t.ancestorTitles[0] ?? '')?.[1])
  .find((why) => why !== undefined);
if (noSoftphone !== undefined) {
  process.stdout.write(`not run with a softphone: ${noSoftphone} (Debian: apt-get install baresip-core)\n`);
}
const failed = numFailedTests + brokenFiles + failures.length;
process.stdout.write(`${numPassedTests} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}\n`);
process.exit(ran && failed === 0 ? 0 : 1);
