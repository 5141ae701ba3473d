import type { TSchema } from 'typebox';
import { notYetRows } from '../config/not-yet.js';
import { configSchema } from '../config/schema.js';
import { keyRows } from './key-rows.js';

const HEAD = `# Configuration

Generated from the schema (\`node scripts/generate.mjs\`); \`config/schema.json\` is the same for editors. One YAML file;
\`config/default.yaml\` is the one \`npm start\` takes. \`switchhook check-config FILE\` says what is wrong, one line per
mistake with line and column.

- A key that is not listed here is an error.
- \`\${NAME}\` inside a text is replaced by the environment variable; a missing one is an error. \`$\${\` is a literal \`\${\`.
- Beside every secret stands a key \`...File\`: the path, relative to the configuration, of a file that holds it.
- Durations end in \`Ms\`.
`;

/** `docs/config.md`. */
export function configPage(): string {
  const sections = Object.entries<TSchema>(configSchema.properties).map(([key, node]) => {
    const rows = keyRows(node, key, true).map(
      (r) => `| \`${r.key}\` | ${cell(r.type)} | ${cell(r.usual)} | ${cell(r.meaning)} |`,
    );
    return `## ${key}\n\n| key | type | default | meaning |\n|---|---|---|---|\n${rows.join('\n')}\n`;
  });
  const missing = notYetRows.map((row) => `| \`${row.key}\` | ${cell(row.message)} |`);
  const notYet = `## Not in this version\n\nUnderstood, and refused at start.\n\n| key | what to do |\n|---|---|\n${missing.join('\n')}\n`;
  return [HEAD, ...sections, notYet].join('\n');
}

const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('<', '&lt;');
