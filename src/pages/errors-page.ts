import { ERRORS } from '../errors.js';

const HEAD = `# Errors

Generated from the catalogue in \`src/errors.ts\` (\`node scripts/generate.mjs\`). Every error of the HTTP API is a problem
document (RFC 9457, \`application/problem+json\`) whose \`code\` is one of these and never changes its meaning.

| code | HTTP | what is wrong | the way out |
|---|---|---|---|
`;

/** `docs/errors.md`. */
export const errorsPage = (): string =>
  HEAD +
  Object.entries(ERRORS)
    .map(([code, { status, title, help }]) => `| \`${code}\` | ${status} | ${title} | ${help} |\n`)
    .join('');
