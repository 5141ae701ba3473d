import { existsSync, readFileSync } from 'node:fs';
import { ScenarioFailure } from './failure.js';
import type { SippParty } from './sipp-party.js';
import { until } from './until.js';

/** How long SIPp may take to open its socket. */
const LISTEN_MS = 20_000;

/** Those who are called first: nobody calls before everybody listens. Those who wait begin at their step. */
export async function startParties(
  parties: readonly SippParty[],
  sipp: string,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<void> {
  const now = parties.filter(({ waits }) => !waits);
  const called = now.filter(({ role }) => role === 'uas');
  for (const party of called) party.start(sipp, timeoutMs, signal);
  for (const party of called) await listening(party, signal);
  for (const party of now.filter(({ role }) => role === 'uac')) party.start(sipp, timeoutMs, signal);
}

/** A party that has waited. Resolves when it can be called, if it is one that is called. */
export async function startParty(
  party: SippParty,
  sipp: string,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<void> {
  party.start(sipp, timeoutMs, signal);
  if (party.role === 'uas') await listening(party, signal);
}

async function listening(party: SippParty, signal: AbortSignal): Promise<void> {
  const found = await until(LISTEN_MS, signal, () =>
    party.hasExited || isBound(party.port) ? true : undefined,
  );
  if (found === undefined || party.hasExited) {
    throw new ScenarioFailure(`party ${party.name}`, `SIPp did not start: ${await party.screen()}`);
  }
}

const TABLES = ['udp', 'udp6', 'tcp', 'tcp6'].map((name) => `/proc/self/net/${name}`);

/**
 * Whether somebody has bound the port, by the kernel's own tables: SIPp does not say when it is ready, and trying to
 * bind the port could get in its way. Where there are no such tables, it counts as bound.
 */
function isBound(port: number): boolean {
  const tables = TABLES.filter((file) => existsSync(file));
  const suffix = new RegExp(`^ *\\d+: [0-9A-F]+:${port.toString(16).toUpperCase().padStart(4, '0')} `, 'm');
  return tables.length === 0 || tables.some((file) => suffix.test(readFileSync(file, 'utf8')));
}
