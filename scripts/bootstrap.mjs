// What the two commands of the README need on a fresh machine: npm packages, SIPp and redis-server, a voice, a build.
// A second run finds everything in place and does nothing.
import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

export const root = resolve(import.meta.dirname, '..');
const at = (...p) => join(root, ...p);

/** The child's environment: a user npm config of another major must not leak warnings into our output. */
const quiet = { ...process.env, npm_config_loglevel: 'error' };

function say(line) {
  process.stderr.write(`switchhook: ${line}\n`);
}

export function fail(line) {
  say(line);
  process.exit(1);
}

export function checkNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major < 20 || (major === 20 && minor < 19)) {
    fail(`Node ${process.versions.node} is too old: install Node 20.19 or later`);
  }
}

/** `npm ci` when node_modules is missing or was made from another lockfile. */
export function installPackages() {
  const stamp = at('node_modules', '.switchhook-lock');
  const want = createHash('sha256').update(readFileSync(at('package-lock.json'))).digest('hex');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === want) return;
  say('installing npm packages');
  const run = spawnSync('npm', ['ci', '--no-fund', '--no-audit'], { cwd: root, env: quiet, stdio: ['ignore', 2, 2] });
  if (run.status !== 0) fail('npm ci failed (see above); is the npm registry reachable?');
  writeFileSync(stamp, want);
}

const TOOLS = [
  { command: 'sipp', packages: ['sip-tester'] },
  { command: 'redis-server', packages: ['redis-server'] },
];

function onPath(command) {
  return (process.env.PATH ?? '')
    .split(':')
    .some((dir) => dir !== '' && existsSync(join(dir, command)));
}

/** How to run apt here: as root, through passwordless sudo, or not at all. */
function aptPrefix() {
  if (!onPath('apt-get')) return undefined;
  if (process.getuid?.() === 0) return [];
  return onPath('sudo') && spawnSync('sudo', ['-n', 'true']).status === 0 ? ['sudo', '-n'] : undefined;
}

/** Whether apt-get got these packages; `options` of apt's own. */
function aptInstall(prefix, packages, options = []) {
  say(`installing ${packages.join(', ')} with apt-get`);
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const apt = (...args) => {
    const [cmd, ...rest] = [...prefix, 'apt-get', '-qq', ...options, ...args];
    return spawnSync(cmd, rest, { env, stdio: ['ignore', 'ignore', 2] }).status === 0;
  };
  const get = () => apt('install', '-y', '--no-install-recommends', ...packages);
  // A fresh image has no package lists: the first try may fail, the one after `update` counts.
  return get() || (apt('update') && get());
}

/** SIPp and redis-server, Debian's packages: the phones and the store the tests run against. */
export function installTools() {
  const missing = TOOLS.filter((t) => !onPath(t.command));
  if (missing.length === 0) return;
  const packages = missing.flatMap((t) => t.packages);
  const prefix = aptPrefix();
  const byHand = `missing ${missing.map((t) => t.command).join(', ')}: install with "apt-get install ${packages.join(' ')}" (Debian/Ubuntu), then run again`;
  if (prefix === undefined || !aptInstall(prefix, packages)) fail(byHand);
}

/** A mirror that does not answer must not hold up what works without it. */
const IMPATIENT = ['-o', 'Acquire::http::Timeout=15', '-o', 'Acquire::https::Timeout=15', '-o', 'Acquire::Retries=0'];

/**
 * espeak-ng, which speaks the texts of a configuration where nothing else does. Everything but spoken texts works
 * without it, so that a machine that cannot install it gets a note, and one that failed to is not asked on every run.
 */
export function installSpeech() {
  if (onPath('espeak-ng')) return;
  const failed = at('node_modules', '.switchhook-no-speech');
  const prefix = existsSync(failed) ? undefined : aptPrefix();
  if (prefix !== undefined && aptInstall(prefix, ['espeak-ng'], IMPATIENT)) return;
  if (prefix !== undefined) writeFileSync(failed, '');
  say('going on without espeak-ng: texts are not spoken; "apt-get install espeak-ng" (Debian/Ubuntu) changes that');
}

function newest(dir) {
  let latest = 0;
  for (const entry of readdirSync(dir, { recursive: true, withFileTypes: true })) {
    if (entry.isFile()) latest = Math.max(latest, statSync(join(entry.parentPath, entry.name)).mtimeMs);
  }
  return latest;
}

/** `tsc` into dist/ when a source file is newer than the last build. */
export function build() {
  const stamp = at('dist', '.built');
  const sources = Math.max(newest(at('src')), statSync(at('tsconfig.build.json')).mtimeMs, statSync(at('tsconfig.json')).mtimeMs);
  if (existsSync(stamp) && statSync(stamp).mtimeMs >= sources) return;
  say('building');
  try {
    execFileSync(process.execPath, [at('node_modules', 'typescript', 'bin', 'tsc'), '-p', 'tsconfig.build.json'], {
      cwd: root,
      stdio: ['ignore', 2, 2],
    });
  } catch {
    fail('the build failed (see above)');
  }
  mkdirSync(at('dist'), { recursive: true });
  writeFileSync(stamp, '');
}
