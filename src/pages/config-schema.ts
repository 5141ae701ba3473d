import { configSchema } from '../config/schema.js';
import { publicSchema } from '../shape/public-schema.js';

/** `config/schema.json`: what an editor completes and checks configuration files with. */
export function configSchemaPage(): string {
  const schema = { $schema: 'https://json-schema.org/draft/2020-12/schema', ...publicSchema(configSchema) };
  return `${JSON.stringify(schema, null, 2)}\n`;
}
