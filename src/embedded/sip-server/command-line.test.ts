import { expect, it } from 'vitest';
import { parseCommandLine } from './command-line.js';
import { DEFAULT_ORPHAN_MS } from './options.js';

const ENV = { SWITCHHOOK_SIPD_SECRET: 's' };

function orphanMs(...argv: string[]): number | undefined | string {
  const parsed = parseCommandLine(argv, ENV);
  if (parsed.kind === 'run') return parsed.options.orphanMs;
  return parsed.kind === 'error' ? parsed.message : parsed.kind;
}

it.each([
  ['a server of its own', [], DEFAULT_ORPHAN_MS],
  // Its application is its parent, which does not come back.
  ['a child', ['--child'], 0],
  ['as long as one likes', ['--orphan-ms', '2500'], 2500],
  ['not at all', ['--orphan-ms', '0'], 0],
  ['a child whose parent knows better', ['--child', '--orphan-ms', '500'], 500],
])('orphans: %s', (_what, argv, ms) => {
  expect(orphanMs(...argv)).toBe(ms);
});

it.each(['-1', '1.5', 'soon', ''])('orphans: "%s" is no time', (text) => {
  expect(orphanMs(`--orphan-ms=${text}`)).toBe(`--orphan-ms wants a number of milliseconds, not "${text}"`);
});
