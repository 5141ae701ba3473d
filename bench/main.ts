import { existsSync, writeFileSync } from 'node:fs';
import { UsageError } from '../src/errors.js';
import { killChildren } from './child.js';
import { parseOptions, USAGE } from './options.js';
import { report } from './report.js';
import { runBench } from './run-bench.js';
import { parseDrachtioAddress } from './sip-address.js';
import { sippMissing } from './sipp.js';
import type { DrachtioAddress } from './subject.js';
import { DIST_MAIN, Workspace } from './workspace.js';

/** `npm run bench`. Exit code 0: measured, whatever the figures; 1: could not measure; 2: used wrongly. */
async function main(): Promise<number> {
  const options = parseOptions(process.argv.slice(2));
  if (options === 'help') {
    process.stdout.write(USAGE);
    return 0;
  }
  const missing = whatIsMissing();
  if (missing !== undefined) {
    process.stderr.write(`bench: ${missing}\n`);
    return 1;
  }
  const drachtio = givenDrachtio();
  const work = new Workspace();
  process.once('exit', () => work.remove());
  const results = await runBench(work, options, drachtio, (line) => process.stderr.write(`${line}\n`));
  process.stdout.write(`\n${report(results)}\n`);
  if (options.json !== undefined) writeFileSync(options.json, `${JSON.stringify(results, null, 2)}\n`);
  return 0;
}

function whatIsMissing(): string | undefined {
  if (process.platform !== 'linux') return 'CPU and memory are read from /proc: it needs Linux';
  if (!existsSync(DIST_MAIN)) return 'there is no build: run it as "npm run bench"';
  return sippMissing();
}

function givenDrachtio(): DrachtioAddress | undefined {
  const text = process.env['SWITCHHOOK_TEST_DRACHTIO'];
  if (text === undefined || text === '') return undefined;
  const address = parseDrachtioAddress(text);
  if (address === undefined) throw new UsageError('SWITCHHOOK_TEST_DRACHTIO must be host:port:secret');
  return address;
}

// However this process ends, what it started ends with it.
process.once('exit', killChildren);
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => process.exit(130));

main().then(
  (code) => process.exit(code),
  (error: unknown) => {
    process.stderr.write(`bench: ${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(error instanceof UsageError ? 2 : 1);
  },
);
