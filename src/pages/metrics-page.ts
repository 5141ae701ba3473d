import { Registry } from 'prom-client';
import { makeInstruments } from '../adapters/metrics/instruments.js';

const HEAD = `# Metrics

Generated from \`src/adapters/metrics/instruments.ts\` (\`node scripts/generate.mjs\`). \`GET /metrics\` of every engine, Prometheus text;
behind the API's token where one is configured. Seconds and \`_total\`; no number, host or id in a label.
[operations.md](operations.md) says what to look at.

| metric | type | labels | |
|---|---|---|---|
`;

const FOOT = `
## What the words mean

- \`mode\`: \`invite\`, \`refer\` or \`bye\`; of a verdict, that of its last attempt. \`result\`: \`completed\`, \`failed\`, \`cancelled\`, as the terminal
  event; \`reason\`: the outcome ([outcomes.md](outcomes.md)). \`trunk\`: its name, or \`none\` for a target with an address of its own.
- \`transfer_duration_seconds\` ends with the verdict; that of a completed transfer by INVITE comes when the conversation is over.
- \`transfer_caller_silence_seconds\` is observed each time a caller has changed partners, to the target and back. It begins with the
  re-INVITE that takes the caller's media away (\`media: direct\`), or the order to bridge at the media server (\`anchored\`); on the way
  back, with the end of the agent. It ends when caller and new partner have been shown to each other: the last answer to a re-INVITE,
  or the media server's word that they are bridged. So it is what signalling can know, a little more than what the caller went through;
  a transfer by REFER or BYE happens in somebody else's network and is not in it.
- \`phase\`: that of the call's state table (\`src/domain/table.ts\`). Of two transfers in a chain the older one counts as \`withTarget\`.
- \`calls_active{dir="out"}\` and \`{dir="in"}\` together are \`legs_open\`, as long as every caller has a leg.
- \`leaks_total\`: what the ledger of a call still held at its end; \`teardown_overdue_total\`: calls whose far ends let the deadline pass.
- \`webhook_seconds{kind}\`: \`question\` is an event whose answer the caller waits for, \`event\` one nobody waits for, both by HTTP and per
  delivery attempt; \`socket\` one sent on the bot's own connection, until it was acknowledged.
- \`dependency_up{name}\`: \`signalling\` (the SIP server), \`media\`, \`store\`.
`;

/** `docs/metrics.md`. */
export const metricsPage = (): string =>
  HEAD +
  makeInstruments(new Registry())
    .rows.map(({ name, type, labels, help }) => {
      const words = labels.map((label) => `\`${label}\``).join(' ');
      return `| \`${name}\` | ${type} | ${words} | ${help} |\n`;
    })
    .join('') +
  FOOT;
