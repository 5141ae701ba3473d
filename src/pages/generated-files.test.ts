import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { parse } from 'yaml';
import { describe, expect, it } from 'vitest';
import { generatedFiles } from './generated-files.js';

const root = join(import.meta.dirname, '../..');

describe('generated files', () => {
  it.each(Object.entries(generatedFiles()))('%s is up to date (node scripts/generate.mjs)', (path, text) => {
    expect(readFileSync(join(root, path), 'utf8')).toBe(text);
  });

  it('config/default.yaml is valid under the schema editors use', () => {
    const schema = JSON.parse(generatedFiles()['config/schema.json'] ?? '') as object;
    const validate = new Ajv2020({ strict: false }).compile(schema);
    expect(validate(parse(readFileSync(join(root, 'config/default.yaml'), 'utf8')))).toBe(true);
    expect(validate({ trunks: { t: { alow: [] } } })).toBe(false);
  });
});
