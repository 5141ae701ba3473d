#!/usr/bin/env node
// A bot in the native dialect: greets, asks for a key, hands over, and has words for it when that fails.
import { parseTarget } from '../sample-bot/targets.mjs';
import { Dialog } from './dialog.mjs';
import { COMMON_USAGE, runBot } from './run-bot.mjs';

const USAGE = `usage: node bot.mjs --transfer-to TARGET [options]

A webhook bot that asks its callers for a key and hands them over with Switchhook.

  --transfer-to TARGET    whom callers are handed to: +16123456789, sip:bob@host, queue:NAME, extension:7001
${COMMON_USAGE}`;

await runBot({
  name: 'webhook-bot',
  usage: USAGE,
  options: { 'transfer-to': { type: 'string' } },
  bot: ({ 'transfer-to': target }) => {
    if (target === undefined) throw new Error('--transfer-to says whom callers are handed to (see --help)');
    const dialog = new Dialog(parseTarget(target));
    return (event) => {
      const replies = dialog.replies(event);
      return replies.length === 0 ? undefined : { replies };
    };
  },
});
