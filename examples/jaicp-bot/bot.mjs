#!/usr/bin/env node
// A bot in JAICP's words, for a channel with `dialect: jaicp`.
import { COMMON_USAGE, runBot } from '../webhook-bot/run-bot.mjs';
import { Dialog } from './dialog.mjs';

const USAGE = `usage: node bot.mjs [options]

The example dialog of JAICP's page on transfers to an agent, on the telephone: press 1 for the agent.

  --phone-number N        whom callers are handed to (16123456789)
  --transfer-channel ID   the channel whose trunk the call leaves by (237-test-237-VDQ-28334674)
${COMMON_USAGE}`;

await runBot({
  name: 'jaicp-bot',
  usage: USAGE,
  options: { 'phone-number': { type: 'string' }, 'transfer-channel': { type: 'string' } },
  bot: (given) => {
    const dialog = new Dialog({
      phoneNumber: given['phone-number'] ?? '16123456789',
      transferChannel: given['transfer-channel'] ?? '237-test-237-VDQ-28334674',
    });
    return (request) => {
      const replies = dialog.replies(request);
      return replies.length === 0 ? undefined : { data: { replies } };
    };
  },
});
