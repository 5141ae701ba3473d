#!/usr/bin/env node
import { constants, setPriority } from 'node:os';
import { createInterface } from 'node:readline';
import { parseCommandLine, USAGE } from './command-line.js';
import { hostPort } from './options.js';
import { startMediaServer, VERSION, type MediaServer } from './server.js';

/** The bin `switchhook-mediad`: the embedded media server as a process of its own. */

function fail(message: string): never {
  process.stderr.write(`switchhook-mediad: ${message.split('\n')[0] ?? ''}\n`);
  process.exit(2);
}

/** A child never outlives its parent, and answers `stats` on stdin. */
function followParent(server: MediaServer, stop: () => void): void {
  const lines = createInterface({ input: process.stdin });
  lines.on('line', (line) => {
    if (line.trim() === 'stats') process.stdout.write(`${JSON.stringify(server.stats())}\n`);
  });
  lines.on('close', stop);
}

/** Audio that is late is lost, work that waits 20 ms is not: as FreeSWITCH does, where the system lets us. */
function goFirst(): void {
  try {
    setPriority(constants.priority.PRIORITY_HIGHEST);
  } catch {
    // Only root may; without it the server is as good as the machine is free.
  }
}

async function main(): Promise<void> {
  const parsed = parseCommandLine(process.argv.slice(2), process.env);
  if (parsed.kind === 'help') {
    process.stdout.write(USAGE);
    return;
  }
  if (parsed.kind === 'error') fail(`${parsed.message} (see --help)`);
  const server = await startMediaServer(parsed.options).catch((error: unknown) =>
    fail(`${(error as Error).message}; choose another address or stop what uses it`),
  );
  goFirst();
  let stopping = false;
  const stop = (): void => {
    if (stopping) return;
    stopping = true;
    void server.close().finally(() => process.exit(0));
    setTimeout(() => process.exit(0), 3000).unref();
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
  if (parsed.child) followParent(server, stop);
  const ready = {
    ready: true,
    sip: hostPort(server.sip),
    esl: hostPort(server.esl),
    version: VERSION,
    pid: process.pid,
  };
  process.stdout.write(`${JSON.stringify(ready)}\n`);
}

await main();
