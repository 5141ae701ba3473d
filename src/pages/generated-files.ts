import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { matrixPage, matrixSources } from '../scenarios/matrix/matrix-page.js';
import { configPage } from './config-page.js';
import { configSchemaPage } from './config-schema.js';
import { errorsPage } from './errors-page.js';
import { grafanaDashboard } from './grafana/dashboard.js';
import { metricsPage } from './metrics-page.js';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** Every generated file of the repository by its path. A test fails when one on disk is stale. */
export const generatedFiles = (): Readonly<Record<string, string>> => ({
  'config/schema.json': configSchemaPage(),
  'docs/config.md': configPage(),
  'docs/errors.md': errorsPage(),
  'docs/metrics.md': metricsPage(),
  'ops/grafana/switchhook.json': grafanaDashboard(),
  'sip-scenarios/MATRIX.md': matrixPage(matrixSources(join(root, 'sip-scenarios'))),
});
