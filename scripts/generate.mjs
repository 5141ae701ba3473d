// Writes every generated file (config/schema.json, docs/config.md, docs/errors.md, docs/metrics.md, ops/grafana/switchhook.json, sip-scenarios/MATRIX.md) from the sources it is made of.
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { tsImport } from 'tsx/esm/api';
import { root } from './bootstrap.mjs';

const { generatedFiles } = await tsImport('../src/pages/generated-files.ts', import.meta.url);
for (const [path, text] of Object.entries(generatedFiles())) {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
  process.stdout.write(`${path}\n`);
}
