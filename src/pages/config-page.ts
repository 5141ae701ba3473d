import type { TSchema } from 'typebox';
import { notYetRows } from '../config/not-yet.js';
import { configSchema } from '../config/schema.js';
import { CALLER_ID_RECIPES } from '../domain/caller-id-recipes.js';
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
  return [HEAD, ...sections, recipes(), ...notYet()].join('\n');
}

/** Nothing when everything the schema knows is there. */
function notYet(): string[] {
  const missing = notYetRows.map((row) => `| \`${row.key}\` | ${cell(row.message)} |`);
  if (missing.length === 0) return [];
  return [
    `## Not in this version\n\nUnderstood, and refused at start.\n\n| key | what to do |\n|---|---|\n${missing.join('\n')}\n`,
  ];
}

const RECIPES = `## Caller-ID recipes

\`trunks.<name>.callerId.recipe\` names one of these, or is a table of the same kind: header -> template. In braces:
\`{shown}\` the number the target sees, \`{name}\` its display name, quoted, \`{caller}\` the caller's own number whatever is
shown, \`{dialled}\` the number the caller dialled, \`{business}\` ours (\`callerId.number\`, else the dialled one), \`{host}\` of the
proxy, \`{target}\` the Request-URI. A header that would need something that is not there (such as \`{shown}\` of an anonymous
caller) is left out; \`From\` is written by the engine unless a recipe has it, \`Privacy: id\` with \`policy: anonymous\`.

| recipe | headers |
|---|---|
`;

function recipes(): string {
  const rows = Object.entries<Readonly<Record<string, string>>>(CALLER_ID_RECIPES).map(([name, headers]) => {
    const lines = Object.entries(headers).map(([header, template]) => `\`${header}: ${template}\``);
    return `| \`${name}\` | ${lines.length === 0 ? 'From alone' : lines.join(' ')} |\n`;
  });
  return RECIPES + rows.join('');
}

const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('<', '&lt;');
