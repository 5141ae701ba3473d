#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';
import { startApp } from './app/app.js';
import { doctorProbes } from './app/doctor-probes.js';
import { VERSION } from './app/version.js';
import { runCheckConfig } from './cli/check-config.js';
import { runDoctor } from './cli/doctor/doctor.js';
import type { ClientIo } from './cli/io.js';
import { runLadder } from './cli/ladder.js';
import { parseCli, type CliCommand } from './cli/parse-cli.js';
import { runTransfer } from './cli/transfer.js';
import { runWatch } from './cli/watch.js';
import { loadConfig, type ConfigSource } from './config/load-config.js';
import { runDemo } from './demo/run-demo.js';
import { UsageError } from './errors.js';
import { runCarrier } from './scenarios/chaos/carrier-program.js';
import { runScenarios } from './scenarios/run-scenarios.js';

/**
 * The command line: the only file that reads arguments, the environment and signals. Exit code 0: done; 1: refused or
 * failed; 2: used or configured wrongly, one line on stderr says how.
 */
const root = fileURLToPath(new URL('..', import.meta.url));
const interrupted = new AbortController();
const io: ClientIo = {
  stdout: process.stdout,
  stderr: process.stderr,
  fetch: (url, init) => fetch(url, init),
  signal: interrupted.signal,
};

function source(config: string | null): ConfigSource {
  const file = config ?? `${root}config/default.yaml`;
  return { file, env: process.env, readFile: (path) => readFileSync(path, 'utf8') };
}

/** Runs until SIGTERM or SIGINT; a second signal does not wait for live calls. */
async function start(config: string | null): Promise<number> {
  const app = await startApp(loadConfig(source(config)));
  process.stdout.write(`${app.readyLine}\n`);
  await new Promise<void>((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => resolve());
  });
  const impatient = new Promise<void>((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => resolve());
  });
  await Promise.race([app.stop(), impatient.then(() => app.stop(0))]);
  return 0;
}

function run(command: CliCommand): Promise<number> | number {
  switch (command.name) {
    case 'help':
      process.stdout.write(command.text);
      return 0;
    case 'version':
      process.stdout.write(`${VERSION}\n`);
      return 0;
    case 'start':
      return start(command.config);
    case 'check-config':
      return runCheckConfig(source(command.config), io);
    case 'doctor':
      return runDoctor(source(command.config), io, doctorProbes(process.env['PATH']), command.json);
    case 'scenarios':
      return scenarios(command);
    case 'carrier':
      return runCarrier({ ...command, stdout: process.stdout, signal: interrupted.signal });
    case 'demo':
      return runDemo({
        ...{ ...io, breaks: command.breaks },
        dir: `${root}reports/demo`,
        path: process.env['PATH'] ?? '',
      });
    case 'transfer':
      return runTransfer(command, io);
    case 'watch':
      return runWatch(command, io);
    case 'ladder':
      return runLadder(command, io);
  }
}

function scenarios(command: Extract<CliCommand, { name: 'scenarios' }>): Promise<number> {
  const { names, all, keep, server } = command;
  return runScenarios({
    ...{ names, all, keep, server },
    root,
    stdout: process.stdout,
    stderr: process.stderr,
    tmpDir: tmpdir(),
    engine: [process.execPath, `${root}dist/main.js`],
    signal: interrupted.signal,
  });
}

async function main(): Promise<number> {
  try {
    return await run(parseCli(process.argv.slice(2), process.env));
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    process.stderr.write(`${error.message}\n`);
    return 2;
  }
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => interrupted.abort());
// Whatever ends this process takes what it started along.
process.once('exit', () => interrupted.abort());
main().then(
  (code) => process.exit(code),
  (error: unknown) => {
    process.stderr.write(
      `switchhook: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`,
    );
    process.exit(1);
  },
);
