import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { RINGBACK } from '../../src/audio/ringback.js';
import { loadConfig } from '../../src/config/load-config.js';

const page = readFileSync(join(import.meta.dirname, '../../docs/sounds.md'), 'utf8');
const examples = [...page.matchAll(/```yaml\n([\s\S]*?)```/g)].map(([, yaml = '']) => yaml);
const machine = { runs: () => true, unplayable: () => undefined };
const load = (yaml: string) => loadConfig({ file: 'sounds.md', env: {}, readFile: () => yaml, machine });

describe('docs/sounds.md', () => {
  it.each(examples.map((yaml) => [yaml]))('an example works as printed: %s', (yaml) => {
    expect(() => load(yaml)).not.toThrow();
  });

  it('so do the variants that are commented out', () => {
    const [speech = ''] = examples;
    const [, ...variants] = speech.split(/\n {2}(?:# )?speech:/);
    expect(variants).toHaveLength(5);
    for (const variant of variants) {
      const body = variant
        .replaceAll(/^ {2}# {3}/gm, '    ')
        .replace('secretFile: /run/secrets/tts', 'secret: key');
      expect(() => load(`sounds:\n  speech:${body}`), body).not.toThrow();
    }
  });

  it('lists every country', () => {
    const listed = [...(page.split('## Ringback')[1]?.split('##')[0] ?? '').matchAll(/`([a-z]{2})`/g)].map(
      ([, key]) => key,
    );
    expect(listed).toEqual(Object.keys(RINGBACK));
  });
});
