import { readFileSync, readdirSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';

/** DESIGN 2: which folder may import which. A folder missing here may import nothing of ours. */
const ARROWS: Record<string, readonly string[]> = {
  domain: ['domain', 'sip'],
  sip: ['sip'],
  ports: ['ports', 'domain', 'sip'],
  engine: ['engine', 'ports', 'domain', 'sip', 'errors'],
  // What both borders, configuration and commands, check values with.
  shape: ['shape', 'audio', 'domain', 'sip'],
  // WAV files, tones and names of sounds as data, for both borders and speech alike.
  audio: [],
  config: ['config', 'audio', 'shape', 'domain', 'sip', 'errors'],
  commands: ['commands', 'shape', 'domain', 'sip', 'errors'],
  // Files of the repository that are made from the sources.
  pages: ['pages', 'config', 'shape', 'domain', 'errors', 'scenarios', 'adapters/metrics'],
  errors: [],
  'adapters/drachtio': ['ports', 'domain', 'sip', 'errors'],
  'adapters/freeswitch': ['ports', 'domain', 'sip', 'errors'],
  'adapters/redis': ['ports', 'domain', 'sip', 'errors'],
  'adapters/memory': ['ports', 'domain', 'sip', 'errors'],
  'adapters/bots': ['ports', 'domain', 'sip', 'errors'],
  'adapters/http': ['ports', 'domain', 'sip', 'errors'],
  'adapters/speech': ['ports', 'domain', 'audio', 'errors'],
  'adapters/recording-files': ['ports'],
  'adapters/cdr-file': ['ports'],
  'adapters/metrics': ['ports', 'domain', 'sip', 'errors'],
  'adapters/tracing': ['ports', 'domain'],
  'adapters/log': ['ports'],
  'embedded/sip-server': [],
  'embedded/media-server': [],
  // The command line: argv is parsed in main.ts; these are its verbs and know config, never an adapter.
  cli: ['cli', 'config', 'shape', 'domain', 'sip', 'errors', 'ports'],
  // Plays calls through a whole engine, so it starts one.
  demo: ['demo', 'app', 'audio', 'config', 'errors', 'sip'],
  scenarios: ['scenarios', 'config', 'shape', 'sip', 'errors'],
};

const root = resolve(import.meta.dirname, '../src');

const sources = (): string[] =>
  readdirSync(root, { recursive: true, encoding: 'utf8' }).filter(
    (f) => f.endsWith('.ts') && !f.endsWith('.d.ts'),
  );

/** The row of {@link ARROWS} a file belongs to; `main` and `app` are the composition root and import all. */
function home(file: string): string {
  const parts = file.replace(/\.ts$/, '').split('/');
  const two = parts.slice(0, 2).join('/');
  return parts[0] === 'adapters' || parts[0] === 'embedded' ? two : (parts[0] ?? '');
}

function importsOf(file: string): string[] {
  const text = readFileSync(join(root, file), 'utf8');
  return [...text.matchAll(/(?:from|import)\s*\(?\s*'(\.[^']+)'/g)].map((m) =>
    relative(root, resolve(root, dirname(file), (m[1] ?? '').replace(/\.js$/, '.ts'))),
  );
}

describe('import arrows (DESIGN 2)', () => {
  it('every import follows an arrow', () => {
    const bad: string[] = [];
    for (const file of sources()) {
      const from = home(file);
      if (from === 'main' || from === 'app') continue;
      const allowed = ARROWS[from];
      if (allowed === undefined) {
        bad.push(`${file}: folder "${from}" has no row in ARROWS`);
        continue;
      }
      for (const target of importsOf(file)) {
        const to = home(target);
        if (to !== from && !allowed.includes(to)) bad.push(`${file} -> ${target}`);
      }
    }
    expect(bad).toEqual([]);
  });

  it('only main.ts reads argv, env and signals; the embedded bins are programs of their own', () => {
    const bad = sources().filter((f) => {
      if (f === 'main.ts' || /^embedded\/[^/]+\/main\.ts$/.test(f) || f.endsWith('.test.ts')) return false;
      return /process\.(env|argv|on\(|once\(|exit)/.test(readFileSync(join(root, f), 'utf8'));
    });
    expect(bad).toEqual([]);
  });

  it('the domain has no clock, no randomness, no promise and no I/O', () => {
    const bad = sources().filter(
      (f) =>
        /^(domain|sip)\//.test(f) &&
        !f.endsWith('.test.ts') &&
        /\b(Date\.now|new Date|Math\.random|setTimeout|setInterval|async |await |from 'node:(?!assert))/.test(
          readFileSync(join(root, f), 'utf8'),
        ),
    );
    expect(bad).toEqual([]);
  });
});
