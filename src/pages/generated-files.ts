import { configPage } from './config-page.js';
import { configSchemaPage } from './config-schema.js';
import { errorsPage } from './errors-page.js';

/** Every generated file of the repository by its path. A test fails when one on disk is stale. */
export const generatedFiles = (): Readonly<Record<string, string>> => ({
  'config/schema.json': configSchemaPage(),
  'docs/config.md': configPage(),
  'docs/errors.md': errorsPage(),
});
