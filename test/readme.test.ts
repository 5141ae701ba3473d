import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadConfig } from '../src/config/load-config.js';
import { toSettings } from '../src/config/to-settings.js';

const readme = readFileSync(resolve(import.meta.dirname, '../README.md'), 'utf8');

describe('README', () => {
  it('its configuration works as printed', () => {
    const [, yaml = ''] = /```yaml\n([\s\S]*?)```/.exec(readme) ?? [];
    const config = loadConfig({ file: 'README.md', env: {}, readFile: () => yaml });
    const channels = [...toSettings(config).channels.values()];
    expect(channels.map(({ id, media, answer }) => [id, media, answer.by])).toEqual([
      ['support-line', 'direct', 'bot'],
      ['ivr-line', 'anchored', 'script'],
    ]);
  });

  it('links only to files that are there', () => {
    const links = [...readme.matchAll(/\]\((?!https?:)([^)#]+)\)/g)].map((m) => m[1] ?? '');
    expect(links.length).toBeGreaterThan(5);
    for (const link of links)
      expect(() => readFileSync(resolve(import.meta.dirname, '..', link))).not.toThrow(/ENOENT/);
  });
});
