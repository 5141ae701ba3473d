#!/usr/bin/env node
// A bot in the native dialect: greets, asks for a key, hands over, and has words for it when that fails.
import { parseTarget } from '../sample-bot/targets.mjs';
import { Dialog } from './dialog.mjs';
import { COMMON_USAGE, runBot } from './run-bot.mjs';

const USAGE = `usage: node bot.mjs --transfer-to TARGET [options]

A webhook bot that asks its callers for a key and hands them over with Switchhook.

  --transfer-to TARGET    whom callers are handed to: +16123456789, sip:bob@host, queue:NAME, extension:7001;
                          given again: who is tried when the one before is not free
${COMMON_USAGE}`;

await runBot({
  name: 'webhook-bot',
  usage: USAGE,
  options: { 'transfer-to': { type: 'string', multiple: true } },
  bot: ({ 'transfer-to': targets = [] }) => {
    if (targets.length === 0) throw new Error('--transfer-to says whom callers are handed to (see --help)');
    const dialog = new Dialog(targets.map(parseTarget));
    return (event) => {
      const replies = dialog.replies(event);
      return replies.length === 0 ? undefined : { replies };
    };
  },
});
