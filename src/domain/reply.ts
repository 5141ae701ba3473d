import type { TransferCommand } from './command.js';
import type { Message } from './plan.js';

/** One thing a bot wants done, in the order of its list (CONTRACT 4). */
export type BotReply =
  | { readonly kind: 'say'; readonly message: Message }
  | { readonly kind: 'switch'; readonly command: TransferCommand }
  | { readonly kind: 'hangup' };
